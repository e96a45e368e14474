/**
 * Where a value falls in a split: the first 60 bits of a SHA-1 against thresholds made beforehand.
 *
 * The number is kept as two words (32 and 28 bits), because a double holds 53 bits only.
 */
import type { Json } from "./flag.ts";
import { sha1 } from "./sha1.ts";

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
  return weight > 0
    ? { high: Number(least >> 28n), low: Number(least & 0xfffffffn) }
    : { high: 0, low: 0 };
}

/**
 * Return the place of the first threshold above the number of *value* (`undefined` is missing).
 *
 * Past the end it is the length of *thresholds*. What cannot be bucketed has the number 0.
 */
export function bucketOf(
  prefix: string,
  value: Json | undefined,
  thresholds: readonly Threshold[],
): number {
  let high = 0;
  let low = 0;
  if (typeof value === "string" || Number.isSafeInteger(value)) {
    const digest = sha1(`${prefix}.${value}`);
    high = (digest[0] as number) >>> 0;
    low = (digest[1] as number) >>> 4;
  }
  for (let i = 0; i < thresholds.length; i++) {
    const threshold = thresholds[i] as Threshold;
    if (high < threshold.high || (high === threshold.high && low < threshold.low)) return i;
  }
  return thresholds.length;
}
