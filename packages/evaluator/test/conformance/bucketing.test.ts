import { describe, expect, test } from "vitest";
import { compileBuckets, thresholdOf } from "../../src/bucketing.ts";
import { hasher } from "../../src/sha1.ts";
import { type Bucketing, read } from "./cases.ts";

const { hashes, thresholds, choices } = read<Bucketing>("bucketing.json");

/** Return what two words of 32 bits say: sixteen times a threshold, or the beginning of a digest. */
const wordsOf = (high: number, low: number): bigint => (BigInt(high) << 32n) | BigInt(low);

describe("The number of a value", () => {
  test.each(hashes.filter(({ hex }) => hex !== null))("$name", ({ prefix, value, n }) => {
    const { 0: first, 1: second } = hasher(`${prefix}.`)(`${value}`);

    expect(wordsOf(first, second) >> 4n).toBe(BigInt(n));
  });

  test.each(hashes)("$name: is above the threshold at its place, and no other", case_ => {
    const n = BigInt(case_.n);
    const at = (number: bigint) => ({
      high: Number(number >> 28n),
      low: Number((number << 4n) & 0xffffffffn),
    });

    expect(compileBuckets(case_.prefix, [at(n), at(n + 1n)])(case_.value)).toBe(1);
  });
});

test.each(thresholds)("The threshold of weight $weight", ({ weight, n }) => {
  const { high, low } = thresholdOf(weight);

  expect(wordsOf(high, low)).toBe(BigInt(n) << 4n);
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
