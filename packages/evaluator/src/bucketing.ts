/**
 * Where a value falls in a split: the first 60 bits of a SHA-1 against thresholds made beforehand.
 *
 * The number is kept as two words (32 and 28 bits), because a double holds 53 bits only.
 */
import type { Json } from "./flag.ts";
import { hasher } from "./sha1.ts";

const TOTAL_WEIGHT = 100_000n;
const LARGEST = 2n ** 60n - 1n;

/** The least number that lies past a share: `high * 2**28 + low`. */
export interface Threshold {
  readonly high: number;
  readonly low: number;
}

/** Return `ceil(weight * (2**60 - 1) / 100000)`, exact; *weight* is a sum of weights. */
export function thresholdOf(weight: number): Threshold {
  const least = (BigInt(weight) * LARGEST + TOTAL_WEIGHT - 1n) / TOTAL_WEIGHT;
  return { high: Number(least >> 28n), low: Number(least & 0xfffffffn) };
}

/**
 * Return a function that gives the place of the first threshold above the number of a value.
 *
 * Past the end it is -1. What cannot be bucketed has the number 0.
 */
export function compileBuckets(
  prefix: string | number,
  thresholds: readonly Threshold[],
): (value: Json | undefined) => number {
  const hash = hasher(`${prefix}.`);
  return value => {
    let first = 0;
    let second = 0;
    if (typeof value === "string" || Number.isSafeInteger(value)) {
      const digest = hash(`${value}`);
      first = (digest[0] as number) >>> 0;
      second = (digest[1] as number) >>> 4;
    }
    return thresholds.findIndex(
      ({ high, low }) => first < high || (first === high && second < low),
    );
  };
}
