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

const KIND = /^(?!(?:kind|multi)$)[\w.-]{1,256}$/;

/** The kinds of a context and, in the same order, their attributes: the caller's own objects. */
export interface Context {
  readonly kinds: string[];
  readonly attributes: JsonObject[];
}

/** Return the context that *value* describes. Throws a Fault when it describes none. */
export function readContext(value: unknown): Context {
  const context: Context = { kinds: [], attributes: [] };
  const kind = isObject(value) && value.kind !== undefined ? value.kind : "user";
  if (kind !== "multi") {
    add(context, kind, value);
  } else {
    for (const [name, attributes] of Object.entries(value as JsonObject)) {
      // OpenFeature SDKs may add a targetingKey beside the kinds; it belongs to none of them.
      if (name !== "kind" && name !== "targetingKey") add(context, name, attributes);
    }
    if (context.kinds.length === 0) throw fault("INVALID_CONTEXT", "no kind");
  }
  return context;
}

function add({ kinds, attributes }: Context, kind: unknown, value: unknown): void {
  const isKind = kind === "user" || (typeof kind === "string" && KIND.test(kind));
  if (!isKind || !isObject(value)) throw fault("INVALID_CONTEXT", `no object of a kind '${kind}'`);
  kinds.push(kind);
  attributes.push(value);
}

/** Return the attributes of *kind*, or undefined when the context has no such kind. */
export function attributesOf({ kinds, attributes }: Context, kind: string): JsonObject | undefined {
  return attributes[kinds.indexOf(kind)];
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
