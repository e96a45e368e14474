import { loadEvaluator } from "../../../packages/evaluator/scripts/load.mjs";
import { LIST, MANY, RULES, received } from "../cases.mjs";

const isIn = (attribute, values) => ({ attribute, op: "in", values });
const rulesOf = serve =>
  RULES.map(({ country, plan }, i) => ({
    id: `r${i}`,
    when: [isIn("country", country), isIn("plan", plan)],
    serve,
  }));
const flag = (key, targeting) => ({
  key,
  type: "boolean",
  version: 1,
  enabled: true,
  variations: [
    { name: "on", value: true },
    { name: "off", value: false },
  ],
  off: "off",
  default: { variation: "off" },
  salt: "salt",
  ...targeting,
});
const on = { variation: "on" };

export async function pennon() {
  const { compile, evaluate, evaluateAll } = await loadEvaluator();
  const flags = [
    flag("off", { enabled: false }),
    flag("rules", { rules: rulesOf(on) }),
    flag("list", { rules: [{ id: "r", when: [isIn("email", LIST)], serve: on }] }),
    flag("split", {
      default: {
        split: [
          { variation: "on", weight: 50_000 },
          { variation: "off", weight: 50_000 },
        ],
      },
    }),
    flag("segment", { rules: [{ id: "r", when: [{ segment: "s" }], serve: on }] }),
  ];
  const segment = {
    key: "s",
    rules: RULES.slice(1).map((_, i) => ({ id: `s${i}`, when: rulesOf(on)[i + 1].when })),
  };
  const head = { environment: "bench/ts", epoch: "0000000000000-00000000", version: 1, digest: "" };
  const of = list => Object.fromEntries(list.map(one => [one.key, one]));
  const ruleset = compile(received({ ...head, flags: of(flags), segments: { s: segment } }));
  const many = Array.from({ length: MANY }, (_, i) => flag(`f${i}`, { rules: rulesOf(on) }));
  const manyRuleset = compile(received({ ...head, flags: of(many), segments: {} }));
  return {
    name: "pennon",
    evaluate: (key, user) => evaluate(ruleset, key, user).value,
    all: user => evaluateAll(manyRuleset, user).map(({ value }) => value),
    close: () => {},
  };
}
