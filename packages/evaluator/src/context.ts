/**
 * Who or what a flag is evaluated for.
 *
 * Three JSON shapes are understood:
 * - one kind: `{"kind": "user", "key": "ada", "plan": "pro"}`; `kind` is `"user"` by default
 * - OpenFeature: `{"targetingKey": "ada", "plan": "pro"}`; `targetingKey` is the key
 * - many kinds: `{"kind": "multi", "user": {...}, "organization": {...}}`
 */
import { type Fault, fault } from "./fault.ts";
import type { JsonObject } from "./flag.ts";

const KIND = /^(?!(?:kind|multi)$)[\w.-]{1,256}$/;

/** A context for the length of one evaluation; attributes stay in the caller's object. */
export interface Context {
  /** The only kind and its attributes, or undefined when the context has many. */
  readonly kind: string | undefined;
  readonly only: JsonObject | undefined;
  readonly many: ReadonlyMap<string, JsonObject> | undefined;
}

/** Return the context that *value* describes. Throws a Fault when it describes none. */
export function readContext(value: unknown): Context {
  if (!isObject(value)) throw invalid("no object");
  const kind = value.kind === undefined ? "user" : value.kind;
  if (kind !== "multi") {
    if (kind !== "user") checkKind(kind);
    return { kind: kind as string, only: value, many: undefined };
  }
  const many = new Map<string, JsonObject>();
  for (const [name, attributes] of Object.entries(value)) {
    // OpenFeature SDKs may add a targetingKey beside the kinds; it belongs to none of them.
    if (name === "kind" || name === "targetingKey") continue;
    checkKind(name);
    if (!isObject(attributes)) throw invalid(`no attributes of kind '${name}'`);
    many.set(name, attributes);
  }
  if (many.size === 0) throw invalid("no kind");
  return { kind: undefined, only: undefined, many };
}

/** Return the attributes of *kind*, or undefined when the context has no such kind. */
export function attributesOf(context: Context, kind: string): JsonObject | undefined {
  return kind === context.kind ? context.only : context.many?.get(kind);
}

export function kindsOf({ kind, many }: Context): string[] {
  return many ? [...many.keys()] : [kind as string];
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkKind(kind: unknown): void {
  if (typeof kind !== "string" || !KIND.test(kind)) {
    throw invalid(`no kind '${kind}'`);
  }
}

function invalid(message: string): Fault {
  return fault("INVALID_CONTEXT", message);
}
