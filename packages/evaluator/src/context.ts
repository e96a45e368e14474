/**
 * Who or what a flag is evaluated for.
 *
 * Three JSON shapes are understood:
 * - one kind: `{"kind": "user", "key": "ada", "plan": "pro"}`; `kind` is `"user"` by default
 * - OpenFeature: `{"targetingKey": "ada", "plan": "pro"}`; `targetingKey` is the key
 * - many kinds: `{"kind": "multi", "user": {...}, "organization": {...}}`
 */
import { fault } from "./fault.ts";
import type { Json, JsonObject } from "./flag.ts";
import { type Memberships, newRun, type Run } from "./run.ts";

const KIND = /^(?!(?:kind|multi)$)[\w.-]{1,256}$/;

/** Return a run for the context that *value* describes. Throws a Fault when it describes none. */
export function startRun(value: unknown, memberships: Memberships | undefined): Run {
  const context = objectOf(value);
  const { kind = "user" } = context;
  if (kind !== "multi") return newRun(memberships, kindOf(kind), context);
  // OpenFeature SDKs may add a targetingKey beside the kinds; it belongs to none of them.
  const { kind: _, targetingKey: __, ...named } = context;
  const kinds = new Map(Object.keys(named).map(name => [kindOf(name), objectOf(named[name])]));
  const [first] = kinds.keys();
  const only = kinds.size > 1 ? "" : kindOf(first);
  return newRun(memberships, only, kinds.get(only), kinds);
}

function kindOf(kind: unknown): string {
  if (kind === "user" || (typeof kind === "string" && KIND.test(kind))) return kind;
  throw fault("INVALID_CONTEXT", "no kind");
}

function objectOf(value: unknown): JsonObject {
  if (isObject(value)) return value;
  throw fault("INVALID_CONTEXT", "no object");
}

/** Return whether *value* is an object or an array. */
export function isNested(value: unknown): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null;
}

export function isObject(value: unknown): value is JsonObject {
  return isNested(value) && !Array.isArray(value);
}
