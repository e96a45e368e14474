/** What a clause asks of one value: an operator bound to the values that the flag names. */
import { isNested } from "./context.ts";
import type { Json } from "./flag.ts";
import { parseInstant } from "./instant.ts";
import { compilePattern } from "./regex.ts";
import { parseVersion } from "./semver.ts";

export type Test = (value: Json) => boolean;

type Operator = (values: readonly Json[]) => Test;
type Compares = (a: number | string, b: number | string) => boolean;

const asText = (value: Json) => (typeof value === "string" ? value : undefined);
const asNumber = (value: Json) => (typeof value === "number" ? value : undefined);
const asPattern = (value: Json) => (typeof value === "string" ? compilePattern(value) : undefined);

const less: Compares = (a, b) => a < b;
const lessOrEqual: Compares = (a, b) => a <= b;
const same: Compares = (a, b) => a === b;
const greaterOrEqual: Compares = (a, b) => a >= b;
const greater: Compares = (a, b) => a > b;

const OPERATORS = new Map<string, Operator>([
  ["exists", () => () => true],
  ["in", isIn],
  ["startsWith", against(asText, (text, wanted) => text.startsWith(wanted))],
  ["endsWith", against(asText, (text, wanted) => text.endsWith(wanted))],
  ["contains", against(asText, (text, wanted) => text.includes(wanted))],
  ["matches", against(asText, (text, find) => find(text), asPattern)],
  ["lessThan", against(asNumber, less)],
  ["lessThanOrEqual", against(asNumber, lessOrEqual)],
  ["greaterThan", against(asNumber, greater)],
  ["greaterThanOrEqual", against(asNumber, greaterOrEqual)],
  ["before", against(parseInstant, less)],
  ["after", against(parseInstant, greater)],
  ["semVerEqual", against(parseVersion, same)],
  ["semVerLessThan", against(parseVersion, less)],
  ["semVerLessThanOrEqual", against(parseVersion, lessOrEqual)],
  ["semVerGreaterThan", against(parseVersion, greater)],
  ["semVerGreaterThanOrEqual", against(parseVersion, greaterOrEqual)],
]);

/** Return the test that *op* makes against *values*; an unknown one passes nothing. */
export function compileOperator(op: string, values: readonly Json[]): Test {
  return OPERATORS.get(op)?.(values) ?? (() => false);
}

/** What cannot be read, of the attribute or of the values, passes nothing. */
function against<V, W = V>(
  read: (value: Json) => V | undefined,
  passes: (it: V, wanted: W) => boolean,
  readWanted = read as unknown as (value: Json) => W | undefined,
): Operator {
  return values => {
    const wanted = values.flatMap(value => readWanted(value) ?? []);
    return value => {
      const it = read(value);
      return it !== undefined && wanted.some(one => passes(it, one));
    };
  };
}

function isIn(values: readonly Json[]): Test {
  const isListed = compileList(values);
  const nested = values.filter(isNested);
  return nested.length > 0
    ? value => isListed(value) || nested.some(one => equal(one, value))
    : isListed;
}

/** Both tests compare as JSON does, but for what is nested: 1 is 1.0 and -0, but not true. */
function compileList(values: readonly Json[]): Test {
  // A set pays from nine values on.
  if (values.length < 9) return value => values.includes(value);
  const set = new Set(values);
  return value => set.has(value);
}

/** Return whether two JSON values are equal at every depth; objects are without order. */
function equal(a: unknown, b: unknown): boolean {
  if (!isNested(a) || !isNested(b)) return a === b;
  const names = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    names.length === Object.keys(b).length &&
    names.every(name => Object.hasOwn(b, name) && equal(a[name], b[name]))
  );
}
