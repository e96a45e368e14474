/** Conditions compiled to functions: a clause, a segment, `any`, `all` or `not`. */
import { lazily, malformed } from "./fault.ts";
import type { Condition } from "./flag.ts";
import { DEEPEST } from "./limits.ts";
import { compileOperator } from "./operators.ts";
import { type Run, type Scope, valueIn } from "./run.ts";

/** Whether a run's context meets a condition. Throws a Fault when a malformed part is reached. */
export type Holds = (run: Run) => boolean;

/** Return whether all *conditions* hold; it stops at the first that does not. */
export function compileAll(conditions: readonly Condition[], scope: Scope): Holds {
  return compileUntil(false, conditions, scope, 1);
}

/** Return a condition that is *decisive* as soon as one of *conditions* is. */
function compileUntil(
  decisive: boolean,
  conditions: readonly Condition[],
  scope: Scope,
  depth: number,
): Holds {
  const parts = conditions.map(one => lazily(compileCondition, one, scope, depth));
  return run => {
    for (const part of parts) if (part(run) === decisive) return decisive;
    return !decisive;
  };
}

function compileCondition(condition: Condition, scope: Scope, depth: number): Holds {
  const { attribute, op, segment, any, all, not, negate = false } = condition;
  if (depth > DEEPEST) throw malformed("too deep");
  if ([attribute ?? op, segment, any, all, not].filter(form => form != null).length !== 1) {
    throw malformed("no condition");
  }
  const parts = any ?? all ?? (not && [not]);
  if (parts) {
    const holds = compileUntil(!!any, parts, scope, depth + 1);
    return not ? run => !holds(run) : holds;
  }
  if (segment != null) {
    const cell = scope.segment(segment);
    return run => cell.contains(run) !== negate;
  }
  if (attribute == null || op == null) throw malformed("no condition");
  const { kind = "user", values = [] } = condition;
  const { name, read } = scope.attribute(attribute);
  const passes = compileOperator(op, values);
  if (name === "kind") {
    return run => (run.many ? [...run.many.keys()] : [run.kind]).some(passes) !== negate;
  }
  return run => {
    const value = valueIn(run, kind, read);
    // What is not known is neither equal nor unequal: false, negated or not.
    if (value == null) return false;
    const isMany = Array.isArray(value) && op !== "exists";
    return (isMany ? value.some(passes) : passes(value)) !== negate;
  };
}
