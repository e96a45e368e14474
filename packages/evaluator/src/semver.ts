/** Versions as SemVer 2.0 orders them, with missing minor and patch numbers read as 0. */
import { compare } from "./compare.ts";
import type { Json } from "./flag.ts";

const SHAPE = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([\dA-Za-z.-]+))?(?:\+([\dA-Za-z.-]+))?$/;

/** The identifiers of the three numbers, and those of a pre-release; a release has none. */
export type Version = readonly [numbers: readonly string[], pre: readonly string[]];

/** Return the version that *value* writes, or undefined when it writes none. */
export function parseVersion(value: Json): Version | undefined {
  const match = typeof value === "string" && SHAPE.exec(value);
  if (!match) return undefined;
  const [, major = "0", minor = "0", patch = "0", tail, build] = match;
  const numbers = [major, minor, patch];
  const pre = tail?.split(".") ?? [];
  const isBad = [...numbers, ...pre].some(one => /^(?:0\d+)?$/.test(one));
  return isBad || build?.split(".").includes("") ? undefined : [numbers, pre];
}

/** Return a number below, at or above 0 as *a* comes before, with or after *b*. */
export function compareVersions([a, aPre]: Version, [b, bPre]: Version): number {
  return (
    compareLists(a, b) ||
    (aPre.length && bPre.length ? compareLists(aPre, bPre) : bPre.length - aPre.length)
  );
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  for (const [i, one] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1;
    const order = compareIdentifiers(one, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Numbers come before text and are compared as integers of any size. */
function compareIdentifiers(a: string, b: string): number {
  const [aIsText, bIsText] = [/\D/.test(a), /\D/.test(b)];
  return Number(aIsText) - Number(bIsText) || (aIsText ? 0 : a.length - b.length) || compare(a, b);
}
