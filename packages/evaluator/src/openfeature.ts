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

/** Return the reason of *detail*, which *ruleset* gave. */
export function openfeatureReason(detail: Detail, ruleset: Ruleset): OpenFeatureReason {
  const { reason, split } = detail;
  if (split) return "SPLIT";
  if (reason === "ERROR") return reason;
  if (reason === "OFF") return "DISABLED";
  if (reason.endsWith("MATCH")) return "TARGETING_MATCH";
  const { targets, rules, requires } = ruleset.flags.get(detail.flag)?.flag ?? {};
  const isStatic = ![targets, rules, requires].some(list => list?.length);
  return isStatic ? "STATIC" : "DEFAULT";
}
