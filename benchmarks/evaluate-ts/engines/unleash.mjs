import { InMemStorageProvider, Unleash } from "unleash-client";
import { LIST, MANY, RULES, received } from "../cases.mjs";

const isIn = (contextName, values) => ({ contextName, operator: "IN", values });
const constraintsOf = ({ country, plan }) => [isIn("country", country), isIn("plan", plan)];
const rollout = { rollout: "50", stickiness: "userId", groupId: "split" };
const strategy = (constraints, name = "default", parameters = {}, segments = []) => ({
  name,
  parameters,
  constraints,
  segments,
});
const feature = (name, strategies, enabled = true) => ({
  name,
  enabled,
  type: "release",
  strategies,
  variants: [],
});
const ruled = RULES.map(rule => strategy(constraintsOf(rule)));

export async function unleash() {
  const client = await start(
    [
      feature("off", [strategy([])], false),
      feature("rules", ruled),
      feature("list", [strategy([isIn("email", LIST)])]),
      feature("split", [strategy([], "flexibleRollout", rollout)]),
      // A segment has one list of constraints: either rule is a strategy with its own segment.
      feature("segment", [strategy([], "default", {}, [1]), strategy([], "default", {}, [2])]),
    ],
    RULES.slice(1).map((rule, i) => ({
      id: i + 1,
      name: `s${i}`,
      constraints: constraintsOf(rule),
    })),
  );
  const keys = Array.from({ length: MANY }, (_, i) => `f${i}`);
  const manyClient = await start(
    keys.map(key => feature(key, ruled)),
    [],
  );
  const contextOf = ({ key, ...properties }) => ({ userId: key, properties });
  return {
    name: "unleash",
    evaluate: (key, user) => client.isEnabled(key, contextOf(user)),
    all: user => keys.map(key => manyClient.isEnabled(key, contextOf(user))),
    close: () => [client, manyClient].forEach(one => void one.destroy()),
  };
}

/** Nothing is fetched: the definitions are given, and nobody listens at the address. */
async function start(data, segments) {
  const client = new Unleash({
    appName: "bench",
    url: "http://127.0.0.1:9/",
    refreshInterval: 0,
    disableMetrics: true,
    skipInstanceCountWarning: true,
    storageProvider: new InMemStorageProvider(),
    bootstrap: received({ data, segments }),
  });
  client.on("error", () => {});
  client.on("warn", () => {});
  await new Promise(resolve => client.once("ready", resolve));
  return client;
}
