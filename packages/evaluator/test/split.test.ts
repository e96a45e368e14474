import { evaluate } from "@pennon/evaluator";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aFlag, aRuleset } from "./builders.ts";

const share = (weight: number) =>
  aRuleset([
    aFlag({
      default: {
        split: [
          { variation: "on", weight },
          { variation: "off", weight: 100_000 - weight },
        ],
      },
    }),
  ]);

describe("A split", () => {
  test("that grows moves nobody out", () => {
    const weights = fc
      .tuple(fc.nat(100_000), fc.nat(100_000))
      .map(two => two.sort((a, b) => a - b));
    fc.assert(
      fc.property(weights, fc.string(), ([less = 0, more = 0], key) => {
        const [before, after] = [less, more].map(
          weight => evaluate(share(weight), "f", { key, targetingKey: `u${key}` }).value,
        );

        expect(before && !after).toBe(false);
      }),
    );
  });

  test("of a tenth holds about a tenth", () => {
    const ruleset = share(10_000);
    const keys = Array.from({ length: 10_000 }, (_, i) => `user-${i}`);
    const on = keys.filter(key => evaluate(ruleset, "f", { key }).value).length;

    expect(on).toBeGreaterThan(900);
    expect(on).toBeLessThan(1100);
  });
});
