import { evaluate } from "@pennon/evaluator";
import { describe, expect, test } from "vitest";
import { aFlag, aRule, aRuleset, aSegment } from "./builders.ts";

const within = (segment: string) => ({ id: "x", when: [{ segment }] });
const chain = Array.from({ length: 32 }, (_, i) =>
  aSegment({ key: `s${i + 1}`, rules: [within(`s${i + 2}`)] }),
);
const flag = aFlag({ rules: [aRule({ when: [{ segment: "s1" }] })] });

describe("The 33rd segment of a chain", () => {
  test("is malformed when it is reached", () => {
    const ruleset = aRuleset([flag], [...chain, aSegment({ key: "s33" })]);

    expect(evaluate(ruleset, "f", { key: "ada" }).errorCode).toBe("PARSE_ERROR");
  });

  test("is not reached where the 32nd decides by its lists", () => {
    const last = aSegment({ key: "s32", include: [{ keys: ["ada"] }], rules: [within("s33")] });
    const ruleset = aRuleset([flag], [...chain.slice(0, 31), last, aSegment({ key: "s33" })]);

    expect(evaluate(ruleset, "f", { key: "ada" }).value).toBe(true);
  });

  test("contains nobody when there is none", () => {
    expect(evaluate(aRuleset([flag], chain), "f", { key: "ada" }).reason).toBe("FALLTHROUGH");
  });
});
