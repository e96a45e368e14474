// Unleash's proxy, as its package starts it, and beside it what it takes its flags from.
//
//     node unleash.mjs SHAPES PORT

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const { createApp } = createRequire(import.meta.url)("@unleash/proxy");
const [, , file, port] = process.argv;
const shapes = JSON.parse(readFileSync(file, "utf8"));

function strategiesOf({ rules, share }) {
  const ruled = rules.map(rule => ({
    name: "default",
    parameters: {},
    constraints: rule.map(([contextName, values]) => ({ contextName, operator: "IN", values })),
  }));
  if (share === 0) return ruled;
  const parameters = { rollout: String(share), stickiness: "userId", groupId: "all" };
  return [...ruled, { name: "flexibleRollout", parameters, constraints: [] }];
}

const features = shapes.map(shape => ({
  name: shape.key,
  type: "release",
  enabled: shape.enabled,
  strategies: strategiesOf(shape),
  variants: [],
}));

const origin = createServer((request, response) => {
  request.resume();
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(request.method === "GET" ? { version: 2, features } : {}));
});

origin.listen(0, "127.0.0.1", () => {
  const app = createApp({
    unleashUrl: `http://127.0.0.1:${origin.address().port}/`,
    unleashApiToken: "default:production.secret",
    clientKeys: ["secret"],
    enableAllEndpoint: true,
    refreshInterval: 3_600_000,
    metricsInterval: 3_600_000,
    logLevel: "warn",
  });
  app.listen(Number(port), "127.0.0.1");
});
