import { describe, expect, test } from "vitest";
import { bucketOf, thresholdOf } from "../../src/bucketing.ts";
import { sha1 } from "../../src/sha1.ts";
import { type Bucketing, read } from "./cases.ts";

const { hashes, thresholds, choices } = read<Bucketing>("bucketing.json");

const numberOf = ({ high, low }: { high: number; low: number }): bigint =>
  (BigInt(high) << 28n) | BigInt(low);

describe("The number of a value", () => {
  test.each(hashes.filter(({ hex }) => hex !== null))("$name", ({ prefix, value, n }) => {
    const [first = 0, second = 0] = sha1(`${prefix}.${value}`);

    expect(numberOf({ high: first >>> 0, low: second >>> 4 })).toBe(BigInt(n));
  });

  test.each(hashes)("$name: is above the threshold at its place, and no other", case_ => {
    const n = BigInt(case_.n);
    const at = (number: bigint) => ({
      high: Number(number >> 28n),
      low: Number(number & 0xfffffffn),
    });

    expect(bucketOf(case_.prefix, case_.value, [at(n), at(n + 1n)])).toBe(1);
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

    expect(Math.min(bucketOf(prefix, value, sums), weights.length - 1)).toBe(index);
  },
);
