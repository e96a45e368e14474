/** A detail's reason in OpenFeature's terms. */
import type { Detail } from "./detail.ts";
import type { Ruleset } from "./ruleset.ts";

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

/** Return the reason of *detail*, which *ruleset* gave. */
export function openfeatureReason(detail: Detail, ruleset: Ruleset): OpenFeatureReason {
  if (detail.split) return "SPLIT";
  const { targets, rules, requires } = ruleset.flags.get(detail.flag)?.flag ?? {};
  const isStatic = ![targets, rules, requires].some(list => list?.length);
  return detail.reason === "FALLTHROUGH" && isStatic ? "STATIC" : TERMS[detail.reason];
}
