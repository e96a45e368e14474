/** What a clause asks of one value: an operator bound to the values that the flag names. */
import { compare } from "./compare.ts";
import { isObject } from "./context.ts";
import type { Json } from "./flag.ts";
import { parseInstant } from "./instant.ts";
import { compilePattern } from "./regex.ts";
import { compareVersions, parseVersion } from "./semver.ts";

export type Test = (value: Json) => boolean;

const less = (order: number) => order < 0;
const lessOrEqual = (order: number) => order <= 0;
const equalTo = (order: number) => order === 0;
const greaterOrEqual = (order: number) => order >= 0;
const greater = (order: number) => order > 0;

const OPERATORS = new Map<string, Operator>([
  ["in", isIn],
  ["startsWith", onText(wanted => text => text.startsWith(wanted))],
  ["endsWith", onText(wanted => text => text.endsWith(wanted))],
  ["contains", onText(wanted => text => text.includes(wanted))],
  ["matches", onText(compilePattern)],
  ["lessThan", onNumber(less)],
  ["lessThanOrEqual", onNumber(lessOrEqual)],
  ["greaterThan", onNumber(greater)],
  ["greaterThanOrEqual", onNumber(greaterOrEqual)],
  ["before", onInstant(less)],
  ["after", onInstant(greater)],
  ["semVerEqual", onVersion(equalTo)],
  ["semVerLessThan", onVersion(less)],
  ["semVerLessThanOrEqual", onVersion(lessOrEqual)],
  ["semVerGreaterThan", onVersion(greater)],
  ["semVerGreaterThanOrEqual", onVersion(greaterOrEqual)],
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

type Operator = (values: readonly Json[]) => Test;

/** `bind` makes a test of each text among the values, or refuses it. */
function onText(bind: (wanted: string) => ((text: string) => boolean) | undefined): Operator {
  return values => {
    const tests = values.flatMap(value => (typeof value === "string" ? (bind(value) ?? []) : []));
    return value => typeof value === "string" && tests.some(test => test(value));
  };
}

type OrderTest = (order: number) => boolean;

function onNumber(holds: OrderTest): Operator {
  return ordered(value => (typeof value === "number" ? value : undefined), compare, holds);
}

function onInstant(holds: OrderTest): Operator {
  return ordered(parseInstant, compare, holds);
}

function onVersion(holds: OrderTest): Operator {
  return ordered(parseVersion, compareVersions, holds);
}

/** Values and the attribute are read alike; what cannot be read has no order and passes nothing. */
function ordered<T>(
  read: (value: Json) => T | undefined,
  compare: (a: T, b: T) => number,
  holds: OrderTest,
): Operator {
  return values => {
    const wanted = values.map(read).filter(one => one !== undefined);
    return value => {
      const it = read(value);
      return it !== undefined && wanted.some(one => holds(compare(it, one)));
    };
  };
}
