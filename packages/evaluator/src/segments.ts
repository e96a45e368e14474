/** Segments compiled to functions: included, excluded, then rules in order. */
import { isKey, keyOf } from "./attributes.ts";
import { compileBuckets, thresholdOf } from "./bucketing.ts";
import { compileAll, type Holds } from "./clauses.ts";
import { lazily, malformed } from "./fault.ts";
import type { Segment, SegmentRule } from "./flag.ts";
import { compileMembers } from "./members.ts";
import type { Membership, Run, Scope } from "./run.ts";
import { isSegment } from "./shape.ts";

/** Return whether a run's context is in the segment that *source* describes. */
export function compileSegment(source: unknown, scope: Scope): Holds {
  if (!isSegment(source)) throw malformed("no segment");
  const { key, include = [], exclude = [], rules = [], external } = source;
  const included = compileMembers(include);
  const excluded = compileMembers(exclude);
  const holds = rules.map(rule => compileRule(rule, source, scope));
  return run => {
    if (external) {
      const membership = ask(run, key, external.kind ?? "user");
      if (membership !== "unlisted") return membership === "in";
    }
    if (included(run) >= 0) return true;
    if (excluded(run) >= 0) return false;
    for (const rule of holds) if (rule(run)) return true;
    return false;
  };
}

/** An unanswered question counts as "not a member", and the answer says that it was open. */
function ask(run: Run, segment: string, kind: string): Membership {
  const key = run.value(kind, keyOf);
  if (!isKey(key)) return "out";
  const membership = run.memberships?.(segment, key);
  if (membership === undefined) run.membershipUnknown = true;
  return membership ?? "out";
}

function compileRule(rule: SegmentRule, segment: Segment, scope: Scope): Holds {
  const meets = compileAll(rule.when ?? [], scope);
  if (rule.weight == null) return meets;
  const isWithin = lazily(compileShare, rule, rule.weight, segment, scope);
  return run => meets(run) && isWithin(run);
}

function compileShare(
  rule: SegmentRule,
  weight: number,
  { key, salt = "" }: Segment,
  scope: Scope,
): Holds {
  const { by = "key", kind = "user" } = rule;
  const { read } = scope.attribute(by);
  const placeOf = compileBuckets(`${key}.${salt}`, [thresholdOf(weight)]);
  return run => run.attributes(kind) !== undefined && placeOf(run.value(kind, read)) === 0;
}
