/** What a clause asks of one value: an operator bound to the values that the flag names. */
import { isObject } from "./context.ts";
import type { Json } from "./flag.ts";
import { parseInstant } from "./instant.ts";
import { compilePattern } from "./regex.ts";
import { parseVersion } from "./semver.ts";

export type Test = (value: Json) => boolean;

type Operator = (values: readonly Json[]) => Test;

const less: Compares = (a, b) => a < b;
const lessOrEqual: Compares = (a, b) => a <= b;
const same: Compares = (a, b) => a === b;
const greaterOrEqual: Compares = (a, b) => a >= b;
const greater: Compares = (a, b) => a > b;

const OPERATORS = new Map<string, Operator>([
  ["in", isIn],
  ["startsWith", onText(wanted => text => text.startsWith(wanted))],
  ["endsWith", onText(wanted => text => text.endsWith(wanted))],
  ["contains", onText(wanted => text => text.includes(wanted))],
  ["matches", onText(compilePattern)],
  ["lessThan", ordered(asNumber, less)],
  ["lessThanOrEqual", ordered(asNumber, lessOrEqual)],
  ["greaterThan", ordered(asNumber, greater)],
  ["greaterThanOrEqual", ordered(asNumber, greaterOrEqual)],
  ["before", ordered(parseInstant, less)],
  ["after", ordered(parseInstant, greater)],
  ["semVerEqual", ordered(parseVersion, same)],
  ["semVerLessThan", ordered(parseVersion, less)],
  ["semVerLessThanOrEqual", ordered(parseVersion, lessOrEqual)],
  ["semVerGreaterThan", ordered(parseVersion, greater)],
  ["semVerGreaterThanOrEqual", ordered(parseVersion, greaterOrEqual)],
]);

/** Return the test that *op* makes against *values*; an unknown one passes nothing. */
export function compileOperator(op: string, values: readonly Json[]): Test {
  return OPERATORS.get(op)?.(values) ?? (() => false);
}

const SHORT = 9;

function isIn(values: readonly Json[]): Test {
  const nested = values.filter(isNested);
  const isNear = (value: Json) => isNested(value) && nested.some(one => equal(one, value));
  // Both compare as JSON does: 1 is 1.0 and -0, but neither true nor "1".
  if (values.length < SHORT) return value => values.includes(value) || isNear(value);
  const set = new Set(values);
  return value => set.has(value) || isNear(value);
}

function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** Return whether two JSON values are equal at every depth; objects are without order. */
function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]));
  }
  if (isObject(a)) {
    const names = Object.keys(a);
    return (
      isObject(b) &&
      names.length === Object.keys(b).length &&
      names.every(name => Object.hasOwn(b, name) && equal(a[name], b[name]))
    );
  }
  return a === b;
}

/** `bind` makes a test of each text among the values, or refuses it. */
function onText(bind: (wanted: string) => ((text: string) => boolean) | undefined): Operator {
  return values => {
    const tests = values.flatMap(value => (typeof value === "string" ? (bind(value) ?? []) : []));
    return value => typeof value === "string" && tests.some(test => test(value));
  };
}

type Compares = (a: number | string, b: number | string) => boolean;

/** What cannot be read (the attribute or a value) has no order, and passes nothing. */
function ordered(read: (value: Json) => number | string | undefined, compares: Compares): Operator {
  return values => {
    const wanted = values.map(read).filter(one => one !== undefined);
    return value => {
      const it = read(value);
      return it !== undefined && wanted.some(one => compares(it, one));
    };
  };
}

function asNumber(value: Json): number | undefined {
  return typeof value === "number" ? value : undefined;
}
