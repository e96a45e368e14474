/** A detail's reason in OpenFeature's terms. */
import type { Detail } from "./detail.ts";
import type { Flag } from "./flag.ts";

export type OpenFeatureReason =
  | "DISABLED"
  | "TARGETING_MATCH"
  | "SPLIT"
  | "STATIC"
  | "DEFAULT"
  | "ERROR";

const TERMS = {
  OFF: "DISABLED",
  PREREQUISITE_FAILED: "DEFAULT",
  TARGET_MATCH: "TARGETING_MATCH",
  RULE_MATCH: "TARGETING_MATCH",
  FALLTHROUGH: "DEFAULT",
  ERROR: "ERROR",
} as const;

/** Return the reason of *detail*, which *flag* gave (undefined where there is no such flag). */
export function openfeatureReason(detail: Detail, flag: Flag | undefined): OpenFeatureReason {
  if (detail.split) return "SPLIT";
  const isStatic = ![flag?.targets, flag?.rules, flag?.requires].some(list => list?.length);
  return detail.reason === "FALLTHROUGH" && isStatic ? "STATIC" : TERMS[detail.reason];
}
