import { describe, expect, test } from "vitest";
import { compileBuckets, thresholdOf } from "../../src/bucketing.ts";
import { hasher } from "../../src/sha1.ts";
import { type Bucketing, read } from "./cases.ts";

const { hashes, thresholds, choices } = read<Bucketing>("bucketing.json");

const numberOf = ({ high, low }: { high: number; low: number }): bigint =>
  (BigInt(high) << 28n) | BigInt(low);

describe("The number of a value", () => {
  test.each(hashes.filter(({ hex }) => hex !== null))("$name", ({ prefix, value, n }) => {
    const [first = 0, second = 0] = hasher(`${prefix}.`)(`${value}`);

    expect(numberOf({ high: first >>> 0, low: second >>> 4 })).toBe(BigInt(n));
  });

  test.each(hashes)("$name: is above the threshold at its place, and no other", case_ => {
    const n = BigInt(case_.n);
    const at = (number: bigint) => ({
      high: Number(number >> 28n),
      low: Number(number & 0xfffffffn),
    });

    expect(compileBuckets(case_.prefix, [at(n), at(n + 1n)])(case_.value)).toBe(1);
  });
});

test.each(thresholds)("The threshold of weight $weight", ({ weight, n }) => {
  expect(numberOf(thresholdOf(weight))).toBe(BigInt(n));
});

test.each(choices)(
  "$prefix.$value chooses $index of $weights",
  ({ prefix, value, weights, index }) => {
    let sum = 0;
    const sums = weights.map(weight => {
      sum += weight;
      return thresholdOf(sum);
    });

    expect([...weights.keys()].at(compileBuckets(prefix, sums)(value))).toBe(index);
  },
);
