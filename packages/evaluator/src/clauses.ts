/** Conditions compiled to functions: a clause, a segment, `any`, `all` or `not`. */
import { lazily, malformed } from "./fault.ts";
import type { Condition } from "./flag.ts";
import { compileOperator } from "./operators.ts";
import type { Run, Scope } from "./run.ts";

/** Whether a run's context meets a condition. Throws a Fault when a malformed part is reached. */
export type Holds = (run: Run) => boolean;

const DEEPEST = 32;

/** Return whether all *conditions* hold; it stops at the first that does not. */
export function compileAll(conditions: readonly Condition[], scope: Scope, depth = 1): Holds {
  return compileUntil(false, conditions, scope, depth);
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
  const { attribute, op, segment, any, all, not } = condition;
  if (depth > DEEPEST) throw malformed("conditions too deep");
  if ([attribute ?? op, segment, any, all, not].filter(form => form != null).length !== 1) {
    throw malformed("no condition of one form");
  }
  if (any) return compileUntil(true, any, scope, depth + 1);
  if (all) return compileAll(all, scope, depth + 1);
  if (not) {
    const inner = compileAll([not], scope, depth + 1);
    return run => !inner(run);
  }
  const { negate = false } = condition;
  if (segment != null) {
    const cell = scope.segment(segment);
    return run => cell.contains(run) !== negate;
  }
  if (attribute == null || op == null) throw malformed("no attribute or op");
  return compileClause(attribute, op, negate, condition, scope);
}

function compileClause(
  reference: string,
  op: string,
  negate: boolean,
  clause: Condition,
  scope: Scope,
): Holds {
  const { kind = "user", values = [] } = clause;
  const { name, read } = scope.attribute(reference);
  const exists = op === "exists";
  const passes = exists ? () => true : compileOperator(op, values);
  if (name === "kind") {
    return run => (run.many ? [...run.many.keys()] : [run.kind as string]).some(passes) !== negate;
  }
  return run => {
    const value = run.value(kind, read);
    // What is not known is neither equal nor unequal: false, negated or not.
    if (value == null) return false;
    return (Array.isArray(value) && !exists ? value.some(passes) : passes(value)) !== negate;
  };
}
