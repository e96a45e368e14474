/** How an attribute is found in a context: by a literal name, or by a path that begins with `/`. */
import { isObject } from "./context.ts";
import { malformed } from "./fault.ts";
import type { Json, JsonObject } from "./flag.ts";
import type { Attribute, Read } from "./run.ts";

export const keyOf: Read = ({ key, targetingKey = key }) => targetingKey;

export function isKey(value: Json | undefined): value is string {
  return typeof value === "string" && value !== "";
}

/**
 * Return the attribute that *reference* names.
 *
 * In a path `~1` is `/` and `~0` is `~`. Throws a Fault when it is malformed.
 */
export function attributeOf(reference: string): Attribute {
  if (!/^[^/]|^(\/([^/~]|~[01])+)+$/.test(reference)) {
    throw malformed(`no attribute '${reference}'`);
  }
  const isPath = reference.startsWith("/");
  const [first = "", ...rest] = isPath ? reference.slice(1).split("/").map(nameOf) : [reference];
  const top = SPECIAL.get(first) ?? own(first);
  if (rest.length === 0) return { name: first, read: top };
  const steps = rest.map(own);
  return {
    read: attributes =>
      steps.reduce<Json | undefined>(
        (value, step) => (isObject(value) ? step(value) : undefined),
        top(attributes),
      ),
  };
}

const SPECIAL = new Map<string, Read>([
  ["key", keyOf],
  ["anonymous", attributes => attributes.anonymous ?? false],
  ["kind", () => undefined],
  ["targetingKey", () => undefined],
]);

/** What every object inherits under that name is no attribute. */
function own(name: string): Read {
  const inherited = ({} as JsonObject)[name];
  return object => {
    const value = object[name];
    return value === inherited ? undefined : value;
  };
}

function nameOf(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}
