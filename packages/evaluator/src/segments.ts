/** Segments compiled to functions: included, excluded, then rules in order. */
import { isKey, keyOf } from "./attributes.ts";
import { compileBuckets, thresholdOf } from "./bucketing.ts";
import { compileAll, type Holds } from "./clauses.ts";
import { lazily, malformed } from "./fault.ts";
import type { Segment, SegmentRule } from "./flag.ts";
import { DEEPEST } from "./limits.ts";
import { compileMembers } from "./members.ts";
import { attributesOf, type Membership, type Run, type Scope, valueIn } from "./run.ts";
import { isSegment } from "./shape.ts";

/**
 * Return whether a run's context is in the segment that *source* describes.
 *
 * That is worked out once a run and depth, since a diamond of thirty layers would take 2**30 steps
 * otherwise. A cycle is a chain that is too deep: the first part that is malformed ends the whole
 * search.
 */
export function compileSegment(source: unknown, scope: Scope): Holds {
  const holds = lazily(compileUnguarded, source, scope);
  const ids: number[] = [];
  const known: boolean[] = [];
  return run => {
    const depth = run.segments;
    if (depth === DEEPEST) throw malformed("too deep");
    if (ids[depth] !== run.id) {
      run.segments++;
      try {
        known[depth] = holds(run);
      } finally {
        run.segments--;
      }
      ids[depth] = run.id;
    }
    return known[depth] as boolean;
  };
}

function compileUnguarded(source: unknown, scope: Scope): Holds {
  if (!isSegment(source)) throw malformed("no segment");
  const { key, include = [], exclude = [], rules = [], external } = source;
  const included = compileMembers(include);
  const excluded = compileMembers(exclude);
  const parts = rules.map(rule => compileRule(rule, source, scope));
  return run => {
    if (external) {
      const membership = ask(run, key, external.kind ?? "user");
      if (membership !== "unlisted") return membership === "in";
    }
    if (included(run) >= 0) return true;
    return excluded(run) < 0 && parts.some(part => part(run));
  };
}

/** An unanswered question counts as "not a member", and the answer says that it was open. */
function ask(run: Run, segment: string, kind: string): Membership {
  const key = valueIn(run, kind, keyOf);
  if (!isKey(key)) return "out";
  const membership = run.memberships?.(segment, key);
  if (membership === undefined) run.membershipUnknown = true;
  return membership ?? "out";
}

function compileRule(rule: SegmentRule, segment: Segment, scope: Scope): Holds {
  const meets = compileAll(rule.when ?? [], scope);
  const isWithin = lazily(compileShare, rule, segment, scope);
  return run => meets(run) && isWithin(run);
}

function compileShare(rule: SegmentRule, { key, salt = "" }: Segment, scope: Scope): Holds {
  const { weight, by = "key", kind = "user" } = rule;
  if (weight == null) return () => true;
  const { read } = scope.attribute(by);
  const placeOf = compileBuckets(`${key}.${salt}`, [thresholdOf(weight)]);
  return run => attributesOf(run, kind) !== undefined && placeOf(valueIn(run, kind, read)) === 0;
}
