/** Moments in time as `before` and `after` read them: epoch milliseconds or RFC 3339 text. */
import type { Json } from "./flag.ts";

const SHAPE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Return epoch milliseconds, or undefined when *value* is no moment. */
export function parseInstant(value: Json): number | undefined {
  if (typeof value === "number") return value;
  const match = typeof value === "string" && SHAPE.exec(value.toUpperCase());
  if (!match) return undefined;
  const [, local = "", fraction = "", zone] = match;
  // Engines refuse the 30th of February or take it for a day in March: neither comes back.
  const exists = new Date(`${local}Z`).toJSON()?.startsWith(local);
  return exists ? Date.parse(`${local}.${fraction.slice(0, 3).padEnd(3, "0")}${zone}`) : undefined;
}
