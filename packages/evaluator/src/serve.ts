/** What is served in the end: always the same variation, or a share of a split. */
import { isKey } from "./attributes.ts";
import { compileBuckets, thresholdOf } from "./bucketing.ts";
import { type Detail, detailOf, type Why } from "./detail.ts";
import { fault, lazily, malformed } from "./fault.ts";
import type { Flag, Serve } from "./flag.ts";
import { attributesOf, type Run, type Scope, valueIn } from "./run.ts";

/** What a run is served. Throws a Fault when a malformed part is reached. */
export type Answer = (run: Run) => Detail;

/** A flag with the key where it stands and with what it may refer to. */
export interface FlagSource {
  readonly key: string;
  readonly flag: Flag;
  readonly scope: Scope;
}

export function compileOff(source: FlagSource, why: Why): Answer {
  return lazily(compileFixed, source, source.flag.off ?? null, why);
}

/** Return the answer that is always *variation*; null is no value. */
export function compileFixed(source: FlagSource, variation: string | null, why: Why): Answer {
  const { variations = [], version } = source.flag;
  const index = variations.findIndex(({ name }) => name === variation);
  const found = variations[index];
  if (!found && variation !== null) throw malformed(`no variation '${variation}'`);
  const what = found && { variation, index, value: found.value };
  const detail = detailOf(source.key, { ...why, ...what }, version);
  return () => detail;
}

export function compileServe(source: FlagSource, serve: Serve, why: Why): Answer {
  const { variation, split, kind = "user", by = "key", seed, experiment } = serve;
  if (variation != null && split == null) return compileFixed(source, variation, why);
  if (variation != null || !split?.length) throw malformed("no serve");
  const { key, salt = "" } = source.flag;
  const { name, read } = source.scope.attribute(experiment == null ? by : "key");
  let sum = 0;
  const thresholds = split.map(({ weight }) => {
    sum += weight;
    return thresholdOf(sum);
  });
  const placeOf = compileBuckets(seed ?? `${key}.${salt}`, thresholds);
  const answers = split.map(({ variation: chosen, untracked = false }) =>
    lazily(compileFixed, source, chosen, {
      ...why,
      split: true,
      inExperiment: experiment != null && !untracked,
    }),
  );
  return run => {
    const value = valueIn(run, kind, read);
    if (name === "key" && run.kind === kind && !isKey(value)) {
      throw fault("TARGETING_KEY_MISSING", `no key of '${kind}'`);
    }
    // What lies past the end has the place -1, and is the last one's.
    const detail = (answers.at(placeOf(value)) as Answer)(run);
    return attributesOf(run, kind) ? detail : { ...detail, inExperiment: false };
  };
}
