/**
 * A flag compiled to one function: what can be known beforehand is worked out once, and every
 * possible answer is made before it is asked for.
 */
import { attributeOf, isKey } from "./attributes.ts";
import { bucketOf, thresholdOf } from "./bucketing.ts";
import { compileAll } from "./clauses.ts";
import { type Detail, detailOf, type Why } from "./detail.ts";
import { fault, lazily, malformed } from "./fault.ts";
import type { Flag, Serve } from "./flag.ts";
import { compileMembers } from "./members.ts";
import type { Run, Scope } from "./run.ts";

/** What a run is served. Throws a Fault when a malformed part is reached. */
export type Answer = (run: Run) => Detail;

/** Return what *flag*, known as *key*, serves. Throws a Fault when nothing of it can be used. */
export function compileFlag(key: string, flag: Flag, scope: Scope): Answer {
  const { enabled = false, off, needs = [], requires = [], rules = [], targets = [] } = flag;
  if (needs.length > 0) throw malformed(`the flag needs ${needs}`);
  const offBecause = (why: Why) => lazily(compileFixed, key, flag, off ?? null, why);
  if (!enabled) return offBecause({ reason: "OFF" });

  const requirements = requires.map(({ flag: other, is }) => ({
    cell: scope.flag(other),
    wanted: new Set<string | null>(is),
    failed: offBecause({ reason: "PREREQUISITE_FAILED", prerequisite: other }),
  }));
  const targetOf = compileMembers(targets);
  const targeted = targets.map(({ variation }) =>
    lazily(compileFixed, key, flag, variation, { reason: "TARGET_MATCH" }),
  );
  const steps = rules.map(({ id, when = [], serve }, ruleIndex) => ({
    holds: compileAll(when, scope),
    answer: lazily(compileServe, key, flag, serve, { reason: "RULE_MATCH", ruleId: id, ruleIndex }),
  }));
  const otherwise = lazily(compileServe, key, flag, flag.default, { reason: "FALLTHROUGH" });

  return run => {
    for (const { cell, wanted, failed } of requirements) {
      if (!wanted.has(cell.served(run))) return failed(run);
    }
    const target = targeted[targetOf(run)];
    if (target !== undefined) return target(run);
    for (const { holds, answer } of steps) if (holds(run)) return answer(run);
    return otherwise(run);
  };
}

/** Return the answer that is always *variation*; null is no value. */
function compileFixed(key: string, flag: Flag, variation: string | null, why: Why): Answer {
  const { variations = [], version = 0 } = flag;
  const index = variations.findIndex(({ name }) => name === variation);
  const found = variations[index];
  if (!found && variation !== null) throw malformed(`no variation '${variation}'`);
  const detail = detailOf(key, version, {
    ...why,
    ...(found && { variation, index, value: found.value }),
  });
  return () => detail;
}

function compileServe(key: string, flag: Flag, serve: Serve, why: Why): Answer {
  const { variation, split, kind = "user", by = "key", seed, experiment } = serve;
  if (variation != null && split == null) return compileFixed(key, flag, variation, why);
  if (variation != null || !split?.length) {
    throw malformed("neither a variation nor a split, or both");
  }
  const { name, read } = attributeOf(kind, experiment == null ? by : "key");
  const prefix = `${seed ?? `${flag.key}.${flag.salt ?? ""}`}`;
  let sum = 0;
  const thresholds = split.map(({ weight }) => {
    sum += weight;
    return thresholdOf(sum);
  });
  const answersOf = (isTracked: boolean) =>
    split.map(({ variation: chosen, untracked = false }) =>
      lazily(compileFixed, key, flag, chosen, {
        ...why,
        split: true,
        inExperiment: isTracked && !untracked,
      }),
    );
  const inside = answersOf(experiment != null);
  const outside = answersOf(false);
  return run => {
    const value = read(run);
    if (name === "key" && run.kind === kind && !isKey(value)) {
      throw fault("TARGETING_KEY_MISSING", `no key of kind '${kind}'`);
    }
    const place = Math.min(bucketOf(prefix, value, thresholds), split.length - 1);
    const answer = (run.attributes(kind) ? inside : outside)[place] as Answer;
    return answer(run);
  };
}
