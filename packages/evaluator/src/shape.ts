/**
 * Which JSON is a flag or a segment at all: required fields are there, each of its JSON type.
 *
 * What passes may still be wrong in its parts; those fail when evaluation reaches them.
 */
import { isObject } from "./context.ts";
import type { Flag, Segment } from "./flag.ts";

type Check = (value: unknown) => boolean;

const ofType =
  (type: string): Check =>
  value =>
    typeof value === type;
const text = ofType("string");
const truth = ofType("boolean");
const integer: Check = value => Number.isInteger(value);

const optional =
  (check: Check): Check =>
  value =>
    value === undefined || check(value);
const nullable =
  (check: Check): Check =>
  value =>
    value == null || check(value);
const array =
  (check: Check): Check =>
  value =>
    Array.isArray(value) && value.every(check);
const list = (check: Check): Check => optional(array(check));
const oneOf =
  (...values: unknown[]): Check =>
  value =>
    values.includes(value);
const record = (fields: Record<string, Check>): Check => {
  const checks = Object.entries(fields);
  return value => isObject(value) && checks.every(([name, check]) => check(value[name]));
};

const maybeText = optional(text);
const maybeTruth = optional(truth);
const maybeInteger = optional(integer);
const texts = list(text);
const members = { kind: maybeText, keys: texts };

const conditions: Check = list(value => condition(value));
const condition = record({
  attribute: nullable(text),
  op: nullable(text),
  values: list(() => true),
  negate: maybeTruth,
  kind: maybeText,
  segment: nullable(text),
  any: nullable(conditions),
  all: nullable(conditions),
  not: nullable(value => condition(value)),
});

const serve = record({
  variation: nullable(text),
  split: nullable(list(record({ variation: text, weight: integer, untracked: maybeTruth }))),
  by: maybeText,
  kind: maybeText,
  seed: nullable(integer),
  experiment: nullable(text),
});

export const isFlag = record({
  key: text,
  type: oneOf("boolean", "string", "integer", "float", "json"),
  version: maybeInteger,
  enabled: maybeTruth,
  variations: list(
    record({
      name: text,
      value: value => value !== undefined,
      description: nullable(text),
    }),
  ),
  off: nullable(text),
  requires: list(record({ flag: text, is: array(text) })),
  targets: list(record({ variation: text, ...members })),
  rules: list(record({ id: text, name: nullable(text), when: conditions, serve })),
  default: serve,
  salt: maybeText,
  clientSide: optional(record({ web: maybeTruth, mobile: maybeTruth })),
  track: oneOf(undefined, "none", "experiments", "all"),
  metadata: optional(
    value => isObject(value) && Object.values(value).every(one => typeof one !== "object"),
  ),
  needs: texts,
}) as (value: unknown) => value is Flag;

export const isSegment = record({
  key: text,
  version: maybeInteger,
  salt: maybeText,
  include: list(record(members)),
  exclude: list(record(members)),
  rules: list(
    record({
      id: text,
      when: conditions,
      weight: nullable(integer),
      by: maybeText,
      kind: maybeText,
    }),
  ),
  external: nullable(record({ kind: maybeText })),
}) as (value: unknown) => value is Segment;
