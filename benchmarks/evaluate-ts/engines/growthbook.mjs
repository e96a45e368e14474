import { GrowthBookClient } from "@growthbook/growthbook";
import { LIST, MANY, RULES, received } from "../cases.mjs";

const conditionOf = ({ country, plan }) => ({ country: { $in: country }, plan: { $in: plan } });
const force = condition => ({ condition, force: true });
const ruled = { defaultValue: false, rules: RULES.map(rule => force(conditionOf(rule))) };

export async function growthbook() {
  const features = {
    off: { defaultValue: false },
    rules: ruled,
    list: { defaultValue: false, rules: [force({ email: { $in: LIST } })] },
    split: {
      defaultValue: false,
      rules: [
        {
          key: "split",
          hashAttribute: "key",
          hashVersion: 2,
          seed: "salt",
          variations: [true, false],
          weights: [0.5, 0.5],
        },
      ],
    },
    // Segments are written into each feature's conditions.
    segment: { defaultValue: false, rules: [force({ $or: RULES.slice(1).map(conditionOf) })] },
  };
  const keys = Array.from({ length: MANY }, (_, i) => `f${i}`);
  const client = new GrowthBookClient().initSync({ payload: received({ features }) });
  const manyClient = new GrowthBookClient().initSync({
    payload: received({ features: Object.fromEntries(keys.map(key => [key, ruled])) }),
  });
  return {
    name: "growthbook",
    evaluate: (key, user) => client.evalFeature(key, { attributes: user }).value,
    all: user => keys.map(key => manyClient.evalFeature(key, { attributes: user }).value),
    close: () => {},
  };
}
