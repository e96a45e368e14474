/** Contexts as many kinds: the one form that the hash, and what is wrong with one, go by. */

import type { Json, JsonObject } from "@pennon/evaluator";
import { hexDigest } from "./access.ts";

export type Kinds = ReadonlyMap<string, JsonObject>;

/** What was sent is no context; its message says where and what was expected. */
export class BadContext extends Error {}

/** Return the attributes of each kind that *value* describes. Throws BadContext. */
export function kindsOf(value: unknown): Kinds {
  if (!isObject(value)) {
    throw new BadContext(`$.context: expected a context object, got ${typeNameOf(value)}`);
  }
  const { kind = "user" } = value;
  if (kind !== "multi") return new Map([[named(kind, "$.context.kind"), attributesOf(value)]]);
  const kinds = new Map<string, JsonObject>();
  for (const [name, attributes] of Object.entries(value)) {
    // OpenFeature SDKs may add a targetingKey beside the kinds; it belongs to none of them.
    if (name === "kind" || name === "targetingKey") continue;
    const path = `$.context.${name}`;
    named(name, path);
    if (!isObject(attributes)) {
      throw new BadContext(
        `${path}: expected the kind's attributes, got ${typeNameOf(attributes)}`,
      );
    }
    kinds.set(name, attributesOf(attributes));
  }
  if (kinds.size === 0) {
    throw new BadContext("$.context: expected at least one kind in a multi-kind context");
  }
  return kinds;
}

/** Return the SHA-1 of *kinds* as RFC 8785 writes JSON: the name of all contexts that are alike. */
export function contextHash(kinds: Kinds): Promise<string> {
  return hexDigest("SHA-1", canonical(Object.fromEntries(kinds)));
}

/** Return *value* as RFC 8785 writes it: names in the order of UTF-16, everything else as here. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  const members = names.map(name => `${JSON.stringify(name)}:${canonical(value[name] as Json)}`);
  return `{${members.join(",")}}`;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function attributesOf(value: JsonObject): JsonObject {
  const { kind: _, targetingKey, ...attributes } = value;
  return targetingKey === undefined ? attributes : { ...attributes, key: targetingKey };
}

function named(kind: Json, path: string): string {
  const isKind = typeof kind === "string" && /^(?!(?:kind|multi)$)[\w.-]{1,256}$/.test(kind);
  if (isKind) return kind;
  throw new BadContext(`${path}: expected a kind of letters, digits, '.', '_' or '-'`);
}

function typeNameOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
