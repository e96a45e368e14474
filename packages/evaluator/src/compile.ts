/**
 * A flag compiled to one function: what can be known beforehand is worked out once, and every
 * possible answer is made before it is asked for.
 *
 * Prerequisites come first, then targets, then rules; a flag without them has none of their steps.
 */
import { compileAll } from "./clauses.ts";
import { lazily, malformed } from "./fault.ts";
import { compileMembers } from "./members.ts";
import { compilePrerequisites } from "./prerequisites.ts";
import { type Answer, compileFixed, compileOff, compileServe, type FlagSource } from "./serve.ts";

/** Return what a flag serves. Throws a Fault when nothing of it can be used. */
export function compileFlag(source: FlagSource): Answer {
  const { needs = [], enabled } = source.flag;
  if (needs.length > 0) throw malformed(`needs ${needs}`);
  return enabled
    ? compilePrerequisites(source, compileTargets(source, compileRules(source)))
    : compileOff(source, { reason: "OFF" });
}

function compileTargets(source: FlagSource, otherwise: Answer): Answer {
  const { targets = [] } = source.flag;
  if (targets.length === 0) return otherwise;
  const placeOf = compileMembers(targets);
  const answers = targets.map(({ variation }) =>
    lazily(compileFixed, source, variation, { reason: "TARGET_MATCH" }),
  );
  return run => (answers[placeOf(run)] ?? otherwise)(run);
}

function compileRules(source: FlagSource): Answer {
  const { rules = [], default: last } = source.flag;
  const steps = rules.map(({ id, when = [], serve }, ruleIndex) => ({
    holds: compileAll(when, source.scope),
    answer: lazily(compileServe, source, serve, { reason: "RULE_MATCH", ruleId: id, ruleIndex }),
  }));
  const otherwise = lazily(compileServe, source, last, { reason: "FALLTHROUGH" });
  return run => {
    for (const { holds, answer } of steps) if (holds(run)) return answer(run);
    return otherwise(run);
  };
}
