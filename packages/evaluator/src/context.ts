/**
 * Who or what a flag is evaluated for.
 *
 * Three JSON shapes are understood:
 * - one kind: `{"kind": "user", "key": "ada", "plan": "pro"}`; `kind` is `"user"` by default
 * - OpenFeature: `{"targetingKey": "ada", "plan": "pro"}`; `targetingKey` is the key
 * - many kinds: `{"kind": "multi", "user": {...}, "organization": {...}}`
 */
import { fault } from "./fault.ts";
import type { JsonObject } from "./flag.ts";
import { type Memberships, Run } from "./run.ts";

const KIND = /^(?!(?:kind|multi)$)[\w.-]{1,256}$/;

/** Return a run for the context that *value* describes. Throws a Fault when it describes none. */
export function startRun(value: unknown, memberships: Memberships | undefined): Run {
  const kind = isObject(value) && value.kind !== undefined ? value.kind : "user";
  if (kind !== "multi") {
    const [name, attributes] = checked(kind, value);
    return new Run(memberships, name, attributes);
  }
  const many = Object.entries(value as JsonObject)
    // OpenFeature SDKs may add a targetingKey beside the kinds; it belongs to none of them.
    .filter(([name]) => name !== "kind" && name !== "targetingKey")
    .map(([name, attributes]) => checked(name, attributes));
  const [first] = many;
  if (!first) throw fault("INVALID_CONTEXT", "no kind");
  return many.length > 1
    ? new Run(memberships, undefined, undefined, new Map(many))
    : new Run(memberships, ...first);
}

function checked(kind: unknown, attributes: unknown): [string, JsonObject] {
  const isKind = kind === "user" || (typeof kind === "string" && KIND.test(kind));
  if (isKind && isObject(attributes)) return [kind, attributes];
  throw fault("INVALID_CONTEXT", `no object of a kind '${kind}'`);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
