/**
 * A flag compiled to one function: what can be known beforehand is worked out once, and every
 * possible answer is made before it is asked for.
 *
 * Prerequisites come first, then targets, then rules; a flag without them has none of their steps.
 */
import { compileAll } from "./clauses.ts";
import type { Why } from "./detail.ts";
import { lazily, malformed } from "./fault.ts";
import type { Flag } from "./flag.ts";
import { compileMembers } from "./members.ts";
import { compilePrerequisites } from "./prerequisites.ts";
import type { Scope } from "./run.ts";
import { type Answer, compileFixed, compileServe } from "./serve.ts";

/** Return what *flag*, known as *key*, serves. Throws a Fault when nothing of it can be used. */
export function compileFlag(key: string, flag: Flag, scope: Scope): Answer {
  const { needs = [], requires = [], off = null } = flag;
  if (needs.length > 0) throw malformed(`the flag needs ${needs}`);
  const offBecause = (why: Why) => lazily(compileFixed, key, flag, off, why);
  if (!flag.enabled) return offBecause({ reason: "OFF" });
  const answer = compileTargets(key, flag, scope);
  if (requires.length === 0) return answer;
  return compilePrerequisites(key, flag, requires, offBecause, answer, scope);
}

function compileTargets(key: string, flag: Flag, scope: Scope): Answer {
  const { targets = [] } = flag;
  const otherwise = compileRules(key, flag, scope);
  if (targets.length === 0) return otherwise;
  const placeOf = compileMembers(targets);
  const answers = targets.map(({ variation }) =>
    lazily(compileFixed, key, flag, variation, { reason: "TARGET_MATCH" }),
  );
  return run => (answers[placeOf(run)] ?? otherwise)(run);
}

function compileRules(key: string, flag: Flag, scope: Scope): Answer {
  const steps = (flag.rules ?? []).map(({ id, when = [], serve }, ruleIndex) => ({
    holds: compileAll(when, scope),
    answer: lazily(compileServe, key, flag, serve, scope, {
      reason: "RULE_MATCH",
      ruleId: id,
      ruleIndex,
    }),
  }));
  const otherwise = lazily(compileServe, key, flag, flag.default, scope, { reason: "FALLTHROUGH" });
  return run => {
    for (const { holds, answer } of steps) if (holds(run)) return answer(run);
    return otherwise(run);
  };
}
