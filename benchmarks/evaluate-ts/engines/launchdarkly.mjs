import { init } from "@launchdarkly/node-server-sdk";
import { TestData } from "@launchdarkly/node-server-sdk/integrations";
import { LIST, MANY, RULES, received } from "../cases.mjs";

const isIn = (attribute, values) => ({
  contextKind: "user",
  attribute,
  op: "in",
  values,
  negate: false,
});
const clausesOf = ({ country, plan }) => [isIn("country", country), isIn("plan", plan)];
const flag = (key, targeting) => ({
  key,
  version: 1,
  on: true,
  variations: [true, false],
  offVariation: 1,
  fallthrough: { variation: 1 },
  rules: [],
  targets: [],
  contextTargets: [],
  prerequisites: [],
  salt: "salt",
  trackEvents: false,
  ...targeting,
});
const ruled = RULES.map((rule, i) => ({ id: `r${i}`, variation: 0, clauses: clausesOf(rule) }));

export async function launchdarkly() {
  const data = new TestData();
  const half = [
    { variation: 0, weight: 50_000 },
    { variation: 1, weight: 50_000 },
  ];
  const inSegment = { attribute: "", op: "segmentMatch", values: ["s"], negate: false };
  await Promise.all([
    data.usePreconfiguredFlag(flag("off", { on: false })),
    data.usePreconfiguredFlag(flag("rules", { rules: ruled })),
    data.usePreconfiguredFlag(
      flag("list", { rules: [{ id: "r", variation: 0, clauses: [isIn("email", LIST)] }] }),
    ),
    data.usePreconfiguredFlag(flag("split", { fallthrough: { rollout: { variations: half } } })),
    data.usePreconfiguredFlag(
      flag("segment", { rules: [{ id: "r", variation: 0, clauses: [inSegment] }] }),
    ),
    data.usePreconfiguredSegment({
      key: "s",
      version: 1,
      included: [],
      excluded: [],
      salt: "salt",
      rules: RULES.slice(1).map((rule, i) => ({ id: `s${i}`, clauses: clausesOf(rule) })),
    }),
  ]);
  const many = new TestData();
  for (let i = 0; i < MANY; i++) {
    await many.usePreconfiguredFlag(received(flag(`f${i}`, { rules: ruled })));
  }
  const options = { sendEvents: false, diagnosticOptOut: true, logger: quiet() };
  const client = init("sdk-key", { ...options, updateProcessor: data.getFactory() });
  const manyClient = init("sdk-key", { ...options, updateProcessor: many.getFactory() });
  await Promise.all([client, manyClient].map(one => one.waitForInitialization({ timeout: 5 })));
  const contextOf = user => ({ kind: "user", ...user });
  return {
    name: "launchdarkly",
    evaluate: (key, user) => client.variation(key, contextOf(user), null),
    all: async user => Object.values((await manyClient.allFlagsState(contextOf(user))).allValues()),
    close: () => Promise.all([client.close(), manyClient.close()]),
  };
}

function quiet() {
  const nothing = () => {};
  return { error: console.error, warn: nothing, info: nothing, debug: nothing };
}
