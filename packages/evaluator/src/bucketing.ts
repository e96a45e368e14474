/**
 * Where a value falls in a split: the first 60 bits of a SHA-1 against thresholds made beforehand.
 *
 * Both are two words of 32 bits, because a double holds 53 bits only. Of the second word of a digest
 * four bits are too many: a threshold has zeros there, so they change no comparison.
 */
import type { Json } from "./flag.ts";
import { type Digest, hasher } from "./sha1.ts";

/** The least number that lies past a share, times 16: `high * 2**32 + low`. */
export interface Threshold {
  readonly high: number;
  readonly low: number;
}

/** Return `16 * ceil(weight * (2**60 - 1) / 100000)`, exact; *weight* is a sum of weights. */
export function thresholdOf(weight: number): Threshold {
  const least = ((BigInt(weight) * 0xfffffffffffffffn + 99_999n) / 100_000n) << 4n;
  return { high: Number(least >> 32n), low: Number(BigInt.asUintN(32, least)) };
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
    const { 0: first, 1: second }: Digest =
      typeof value === "string" || Number.isSafeInteger(value) ? hash(`${value}`) : [0, 0];
    return thresholds.findIndex(
      ({ high, low }) => first < high || (first === high && second < low),
    );
  };
}
