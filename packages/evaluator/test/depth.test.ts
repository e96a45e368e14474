import { type Condition, evaluate, evaluateAll } from "@pennon/evaluator";
import { describe, expect, test } from "vitest";
import { aFlag, aRule, aRuleset, aSegment } from "./builders.ts";

const LIMIT = 32;
const everybody: Condition = { attribute: "key", op: "exists", values: [] };
const nobody = (index: number): Condition => ({
  attribute: `unset-${index}`,
  op: "in",
  values: ["a", "b"],
});

/** Return `condition` at the greatest depth, with `clauses` before it in each group. */
function nested(condition: Condition, clauses: number): Condition {
  for (let depth = LIMIT - 1; depth > 0; depth--) {
    condition =
      depth % 2 === 1
        ? { any: [...Array.from({ length: clauses }, (_, index) => nobody(index)), condition] }
        : { all: [...Array.from({ length: clauses }, () => everybody), condition] };
  }
  return condition;
}

/** As `tests/builders/depth.py`: 32 prerequisites of `f0`, the last of which asks 32 segments. */
function theDeepest(rules: number, clauses: number) {
  const before = Array.from({ length: rules }, (_, index) => ({
    id: `${index}`,
    when: [nobody(index)],
  }));
  const flags = Array.from({ length: LIMIT + 1 }, (_, index) =>
    aFlag({
      key: `f${index}`,
      requires: index < LIMIT ? [{ flag: `f${index + 1}`, is: ["on"] }] : [],
      rules: [
        ...before.map(rule => aRule(rule)),
        aRule({ id: "on", when: [nested(index < LIMIT ? everybody : { segment: "s1" }, clauses)] }),
      ],
    }),
  );
  const segments = Array.from({ length: LIMIT }, (_, index) => {
    const next = index + 1 < LIMIT ? { segment: `s${index + 2}` } : everybody;
    const rules = [...before, { id: "on", when: [nested(next, clauses)] }];
    return aSegment({ key: `s${index + 1}`, rules });
  });
  return aRuleset(flags, segments);
}

describe("what may be deep fits on a stack, all at once", () => {
  test.each([
    [0, 0],
    [266, 0],
    [0, 26],
  ])("with %i rules before, and %i clauses in each group", (rules, clauses) => {
    const ruleset = theDeepest(rules, clauses);

    expect(evaluate(ruleset, "f0", { key: "ada" }).reason).toBe("RULE_MATCH");
    expect(new Set(evaluateAll(ruleset, { key: "ada" }).map(each => each.reason))).toEqual(
      new Set(["RULE_MATCH"]),
    );
  });
});
