import { evaluate, evaluateAll, updateFlag, updateSegment } from "@pennon/evaluator";
import { describe, expect, test } from "vitest";
import { aFlag, aRule, aRuleset, aSegment } from "./builders.ts";

const ADA = { key: "ada", plan: "pro" };
const inSegment = aRule({ when: [{ segment: "s" }] });

describe("A change of one item", () => {
  test("replaces the flag and takes the ruleset to its version", () => {
    const ruleset = aRuleset([aFlag()]);
    updateFlag(ruleset, "f", aFlag({ default: { variation: "on" }, version: 8 }), 8);

    expect(evaluate(ruleset, "f", ADA)).toMatchObject({ value: true, version: 8 });
    expect(ruleset.version).toBe(8);
  });

  test("deletes the flag when nothing takes its place", () => {
    const ruleset = aRuleset([aFlag()]);
    updateFlag(ruleset, "f", undefined, 8);

    expect(evaluate(ruleset, "f", ADA).errorCode).toBe("FLAG_NOT_FOUND");
    expect(evaluateAll(ruleset, ADA)).toEqual([]);
  });

  test("of a segment is seen by the flags that use it, also when it is new or gone", () => {
    const ruleset = aRuleset([aFlag({ rules: [inSegment] })]);
    const values = [evaluate(ruleset, "f", ADA).value];
    updateSegment(ruleset, "s", aSegment({ include: [{ keys: ["ada"] }] }), 8);
    values.push(evaluate(ruleset, "f", ADA).value);
    updateSegment(ruleset, "s", undefined, 9);
    values.push(evaluate(ruleset, "f", ADA).value);

    expect(values).toEqual([false, true, false]);
  });

  test("of a prerequisite is seen by the flags that require it", () => {
    const requiring = aFlag({
      requires: [{ flag: "p", is: ["on"] }],
      default: { variation: "on" },
    });
    const ruleset = aRuleset([requiring]);
    const before = evaluate(ruleset, "f", ADA).reason;
    updateFlag(ruleset, "p", aFlag({ key: "p", default: { variation: "on" } }), 8);

    expect([before, evaluate(ruleset, "f", ADA).reason]).toEqual([
      "PREREQUISITE_FAILED",
      "FALLTHROUGH",
    ]);
  });
});

describe("evaluateAll", () => {
  test("gives each flag the answer that evaluate gives, a malformed one too", () => {
    const broken = { key: "broken" } as ReturnType<typeof aFlag>;
    const ruleset = aRuleset([aFlag({ rules: [aRule()] }), broken, aFlag({ key: "g" })]);

    expect(evaluateAll(ruleset, ADA)).toEqual(
      ["f", "broken", "g"].map(key => evaluate(ruleset, key, ADA)),
    );
  });

  test("leaves out what a client-side key may not see", () => {
    const ruleset = aRuleset([aFlag({ clientSide: { web: true } }), aFlag({ key: "secret" })]);
    const seen = evaluateAll(ruleset, ADA, undefined, "web").map(({ flag }) => flag);

    expect(seen).toEqual(["f"]);
  });

  test("marks only the flags whose answer hung on an open question", () => {
    const ruleset = aRuleset(
      [aFlag({ rules: [inSegment] }), aFlag({ key: "g" })],
      [aSegment({ external: {} })],
    );
    const marks = evaluateAll(ruleset, ADA).map(
      ({ membershipUnknown = false }) => membershipUnknown,
    );

    expect(marks).toEqual([true, false]);
  });
});
