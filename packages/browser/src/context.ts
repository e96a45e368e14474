/** For whom flags are: a context, its kinds, and the hash that binds answers to it. */
import { sha1 } from "./sha1.ts";

/** A context in any of its forms: `{targetingKey: "ada", plan: "pro"}`; see docs/evaluation.md. */
export type Context = Readonly<Record<string, unknown>>;

type Kinds = Record<string, Record<string, unknown>>;

/** Return a context's kinds, each with what is known of it. */
export function kindsOf(context: Context): Kinds {
  const { kind = "user", targetingKey, ...rest } = context;
  if (kind === "multi") return rest as Kinds;
  return { [kind as string]: targetingKey === undefined ? rest : { ...rest, key: targetingKey } };
}

/** Return the hash of *context*, whichever form it was given in, as 40 hex digits. */
export function contextHash(context: Context): string {
  // What is hashed is what is sent: JSON has no dates, and nothing that is undefined.
  return sha1(canonical(JSON.parse(JSON.stringify(kindsOf(context)))));
}

/** Return *context* with kinds and keys alone: what events say of it. */
export function unitsOf(context: Context): Context {
  const units: Record<string, unknown> = { kind: "multi" };
  for (const [kind, { key }] of Object.entries(kindsOf(context))) units[kind] = { key };
  return units;
}

/** Return decoded JSON as RFC 8785 writes it. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (!value || typeof value !== "object") return JSON.stringify(value);
  const known = value as Record<string, unknown>;
  const names = Object.keys(known).sort();
  return `{${names.map(name => `${JSON.stringify(name)}:${canonical(known[name])}`)}}`;
}
