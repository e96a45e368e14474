/** Moments in time as `before` and `after` read them: epoch milliseconds or RFC 3339 text. */
import type { Json } from "./flag.ts";

const SHAPE =
  /^(\d{4}-\d\d-\d\d)[Tt]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/** Return epoch milliseconds, or undefined when *value* is no moment. */
export function parseInstant(value: Json): number | undefined {
  if (typeof value === "number") return value;
  const match = typeof value === "string" && SHAPE.exec(value);
  if (!match) return undefined;
  const [, date = "", time, fraction = "", sign, hours = 0, minutes = 0] = match;
  const local = Date.parse(`${date}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}Z`);
  // Engines refuse the 30th of February or take it for a day in March: neither comes back.
  const exists = Number.isFinite(local) && new Date(local).toISOString().startsWith(date);
  if (!exists) return undefined;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return local - (sign === "-" ? -offset : offset);
}
