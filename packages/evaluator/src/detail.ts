/** The answer to an evaluation: the value, and why. */
import type { ErrorCode, Fault } from "./fault.ts";
import type { Json } from "./flag.ts";

export type Reason =
  | "OFF"
  | "PREREQUISITE_FAILED"
  | "TARGET_MATCH"
  | "RULE_MATCH"
  | "FALLTHROUGH"
  | "ERROR";

/**
 * What one flag serves one context, and why.
 *
 * `variation` and `index` (its place in the flag's variations) are null when there is no value:
 * the flag's `off` is null, or the reason is `"ERROR"`; the caller's default applies then.
 * `version` is the flag's version, 0 where the flag is not known.
 *
 * Details are made when a flag is compiled and are shared between answers: do not change them.
 */
export interface Detail {
  readonly flag: string;
  readonly variation: string | null;
  readonly index: number | null;
  readonly value: Json;
  readonly reason: Reason;
  readonly version: number;
  readonly split: boolean;
  readonly inExperiment: boolean;
  readonly ruleId?: string;
  readonly ruleIndex?: number;
  readonly prerequisite?: string;
  readonly staleMs?: number;
  readonly membershipUnknown?: boolean;
  readonly errorCode?: ErrorCode;
  readonly errorMessage?: string;
}

/** What led to an answer, as far as a detail tells it. */
export type Why = Pick<Detail, "reason"> & Partial<Detail>;

/** Return a detail; without a variation, the caller's default applies. */
export function detailOf(flag: string, why: Why, version = 0): Detail {
  return {
    flag,
    variation: null,
    index: null,
    value: null,
    version,
    split: false,
    inExperiment: false,
    ...why,
  };
}

/** Return the detail of *error*, met while *flag* was evaluated. */
export function failed(flag: string, error: unknown, version?: number): Detail {
  // What is no Fault is the engine's: something is nested so deeply that the stack overflows.
  const { errorCode = "PARSE_ERROR", errorMessage = "too deep" } = (error ?? {}) as Partial<Fault>;
  return detailOf(flag, { reason: "ERROR", errorCode, errorMessage }, version);
}
