import { compile, evaluate, evaluateAll } from "@pennon/evaluator";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aFlag, aRule, aRuleset } from "./builders.ts";

/** Objects whose members are often those of a flag, a segment, a condition or a context. */
const names = fc.constantFrom(
  ...["key", "type", "enabled", "variations", "name", "value", "off", "default", "variation"],
  ...["rules", "id", "when", "serve", "split", "weight", "by", "kind", "seed", "salt", "targets"],
  ...["keys", "requires", "flag", "is", "attribute", "op", "values", "negate", "any", "all", "not"],
  ...["segment", "include", "exclude", "external", "multi", "user", "targetingKey", "__proto__"],
);
const scalars = fc.oneof(
  fc.constantFrom(
    "f",
    "s",
    "on",
    "user",
    "key",
    "in",
    "matches",
    "exists",
    "boolean",
    "/",
    "a",
    "",
  ),
  fc.constantFrom(null, true, false, 0, -1, 1, 50_000, 1.5, 2 ** 60),
  fc.string({ unit: "binary", maxLength: 4 }),
);
const { json } = fc.letrec<{ json: unknown }>(tie => ({
  json: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    scalars,
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(names, tie("json"), { maxKeys: 6 }),
  ),
}));
const REASONS = /^(OFF|PREREQUISITE_FAILED|TARGET_MATCH|RULE_MATCH|FALLTHROUGH|ERROR)$/;
const HEAD = { environment: "shop/test", epoch: "0000000000000-00000000", version: 1, digest: "" };

describe("evaluate never throws", () => {
  test("whatever the flag, the segment and the context are", () => {
    fc.assert(
      fc.property(json, json, json, (flag, segment, context) => {
        const datafile = { ...HEAD, flags: { f: flag }, segments: { s: segment } };
        const ruleset = compile(datafile as Parameters<typeof compile>[0]);

        expect(evaluate(ruleset, "f", context).reason).toMatch(REASONS);
        expect(evaluateAll(ruleset, context)).toHaveLength(1);
      }),
      { numRuns: 2000 },
    );
  });

  test("whatever stands in the place of a part of a valid flag", () => {
    const fields = fc.constantFrom("variations", "off", "requires", "targets", "rules", "default");
    fc.assert(
      fc.property(fields, json, json, (field, part, context) => {
        const ruleset = aRuleset([aFlag({ [field]: part })]);

        expect(evaluate(ruleset, "f", context).reason).toMatch(REASONS);
      }),
      { numRuns: 2000 },
    );
  });

  test("whatever a condition is", () => {
    fc.assert(
      fc.property(fc.dictionary(names, json), json, (condition, context) => {
        const ruleset = aRuleset([aFlag({ rules: [aRule({ when: [condition] })] })]);

        expect(evaluate(ruleset, "f", context).reason).toMatch(REASONS);
      }),
      { numRuns: 2000 },
    );
  });

  test("when a value or a context is nested deeper than the stack", () => {
    const deep = () => JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
    const rule = aRule({ when: [{ attribute: "plan", op: "in", values: [deep()] }] });
    const ruleset = aRuleset([aFlag({ rules: [rule] })]);

    expect(evaluate(ruleset, "f", { plan: [deep()] }).errorCode).toBe("PARSE_ERROR");
  });

  test("when a flag is nested deeper than the stack, and spares its neighbour", () => {
    const depth = 30_000;
    const when = [JSON.parse(`${'{"not":'.repeat(depth)}{}${"}".repeat(depth)}`)];
    const ruleset = aRuleset([aFlag({ rules: [aRule({ when })] }), aFlag({ key: "g" })]);

    expect(evaluate(ruleset, "f", {}).errorCode).toBe("PARSE_ERROR");
    expect(evaluate(ruleset, "g", {}).reason).toBe("FALLTHROUGH");
  });

  test("when reading the context throws", () => {
    const hostile = {
      get plan() {
        throw new Error("no");
      },
    };

    expect(evaluate(aRuleset([aFlag({ rules: [aRule()] })]), "f", hostile).reason).toBe("ERROR");
  });
});
