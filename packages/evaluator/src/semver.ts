/** Versions as SemVer 2.0 orders them, with missing minor and patch numbers read as 0. */
import type { Json } from "./flag.ts";

const SHAPE = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([\dA-Za-z.-]+))?(?:\+([\dA-Za-z.-]+))?$/;

/**
 * Return a text that sorts as the version that *value* writes; undefined when it writes none.
 *
 * Numbers sort before words, and a longer list after its beginning: so the marks are below every
 * character of an identifier. A release has one identifier more, above all others: a tilde.
 */
export function parseVersion(value: Json): string | undefined {
  const match = typeof value === "string" && SHAPE.exec(value);
  if (!match) return undefined;
  const [, major = "0", minor = "0", patch = "0", tail, build] = match;
  const pre = tail?.split(".") ?? ["~"];
  const identifiers = [major, minor, patch, ...pre];
  if (identifiers.some(one => /^(?:0\d+)?$/.test(one)) || build?.split(".").includes("")) {
    return undefined;
  }
  return identifiers.map(sortable).join("\x00");
}

/** A number sorts by its length first, since it may have more digits than any type holds. */
function sortable(identifier: string): string {
  return /\D/.test(identifier)
    ? `\x02${identifier}`
    : `\x01${String(identifier.length).padStart(9, "0")}${identifier}`;
}
