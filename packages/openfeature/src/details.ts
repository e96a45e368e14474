/** Pennon's answers in OpenFeature's terms. */
import { ErrorCode, type ResolutionDetails, StandardResolutionReasons } from "@openfeature/web-sdk";
import type { Answer, Properties, Snapshot } from "@pennon/browser";

const CODES = {
  NOT_READY: ErrorCode.PROVIDER_NOT_READY,
  FLAG_NOT_FOUND: ErrorCode.FLAG_NOT_FOUND,
  TYPE_MISMATCH: ErrorCode.TYPE_MISMATCH,
};

/**
 * Return an answer as the SDK takes it.
 *
 * A page is not told why a flag serves what it does: the reason is how current it is.
 */
export function detailsOf<T>(answer: Answer<T>, { stale }: Snapshot): ResolutionDetails<T> {
  const { value, variation, source, ruleId, errorCode } = answer;
  if (errorCode) {
    return { value, reason: StandardResolutionReasons.ERROR, errorCode: CODES[errorCode] };
  }
  const { CACHED, STALE, UNKNOWN } = StandardResolutionReasons;
  return {
    value,
    variant: `${variation}`,
    reason: source === "cache" ? CACHED : stale ? STALE : UNKNOWN,
    flagMetadata: { "pennon.source": `${source}`, ...(ruleId && { "pennon.ruleId": ruleId }) },
  };
}

/** Return the flags that serve something else than before. */
export function changedFlags({ flags: before }: Snapshot, { flags: now }: Snapshot): string[] {
  return Object.keys({ ...before, ...now }).filter(
    flag => JSON.stringify(before[flag]) !== JSON.stringify(now[flag]),
  );
}

/** Return what of an event's details may be told: nothing nested. */
export function propertiesOf(details: Readonly<Record<string, unknown>>): Properties {
  const simple = Object.entries(details).filter(([, value]) => typeof (value ?? "") !== "object");
  return Object.fromEntries(simple) as Properties;
}
