/**
 * Which JSON is a flag or a segment at all: required fields are there, each of its JSON type.
 *
 * What passes may still be wrong in its parts; those fail when evaluation reaches them.
 */
import { isObject } from "./context.ts";
import type { Flag, Segment } from "./flag.ts";

type Check = (value: unknown) => boolean;
type Fields = Readonly<Record<string, Check>>;

const text: Check = value => typeof value === "string";
const truth: Check = value => typeof value === "boolean";
const integer: Check = value => Number.isInteger(value);
const given: Check = value => value !== undefined;

const nullable =
  (check: Check): Check =>
  value =>
    value === null || check(value);
const list =
  (check: Check): Check =>
  value =>
    Array.isArray(value) && value.every(check);
const oneOf =
  (...values: unknown[]): Check =>
  value =>
    values.includes(value);
const record = (optional: Fields, required: Fields = {}): Check => {
  const fields = Object.entries({ ...optional, ...required });
  return value =>
    isObject(value) &&
    fields.every(([name, check]) =>
      value[name] === undefined ? !(name in required) : check(value[name]),
    );
};

const maybeText = nullable(text);
const texts = list(text);
const members = { kind: text, keys: texts };

const conditions = list(value => condition(value));
const condition = record({
  attribute: maybeText,
  op: maybeText,
  values: list(given),
  negate: truth,
  kind: text,
  segment: maybeText,
  any: nullable(conditions),
  all: nullable(conditions),
  not: nullable(value => condition(value)),
});

const serve = record({
  variation: maybeText,
  split: nullable(list(record({ untracked: truth }, { variation: text, weight: integer }))),
  by: text,
  kind: text,
  seed: nullable(integer),
  experiment: maybeText,
});

export const isFlag = record(
  {
    version: integer,
    enabled: truth,
    variations: list(record({ description: maybeText }, { name: text, value: given })),
    off: maybeText,
    requires: list(record({}, { flag: text, is: texts })),
    targets: list(record(members, { variation: text })),
    rules: list(record({ name: maybeText, when: conditions }, { id: text, serve })),
    salt: text,
    clientSide: record({ web: truth, mobile: truth }),
    track: oneOf("none", "experiments", "all"),
    metadata: value =>
      isObject(value) && Object.values(value).every(one => typeof one !== "object"),
    needs: texts,
  },
  { key: text, type: oneOf("boolean", "string", "integer", "float", "json"), default: serve },
) as (value: unknown) => value is Flag;

export const isSegment = record(
  {
    version: integer,
    salt: text,
    include: list(record(members)),
    exclude: list(record(members)),
    rules: list(
      record({ when: conditions, weight: nullable(integer), by: text, kind: text }, { id: text }),
    ),
    external: nullable(record({ kind: text })),
  },
  { key: text },
) as (value: unknown) => value is Segment;
