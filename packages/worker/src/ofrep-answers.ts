/** What OFREP says of an answer, and of a failure. */
import type { Detail } from "@pennon/evaluator";
import { openfeatureReason } from "@pennon/evaluator/openfeature";
import type { Scope } from "./scope.ts";
import { flagOf, isTracked, objectText, valueText } from "./served.ts";

/** Return the JSON of what is said of one flag: a success, or that flag's own failure. */
export function written(detail: Detail, scope: Scope): string {
  if (detail.errorCode) {
    return JSON.stringify(
      failure(detail.flag, detail.errorCode, detail.errorMessage || detail.errorCode),
    );
  }
  const flag = flagOf(detail, scope.held);
  const members: [string, string][] = [
    ["key", JSON.stringify(detail.flag)],
    ["reason", JSON.stringify(openfeatureReason(detail, scope.held.ruleset))],
    ["variant", JSON.stringify(detail.variation ?? "")],
    ["metadata", JSON.stringify(metadataOf(detail, scope))],
  ];
  // Without a value, the caller's default applies.
  if (detail.variation !== null) members.push(["value", valueText(detail, flag)]);
  return objectText(members);
}

export function failure(key: string, errorCode: string, errorDetails: string): object {
  return { key, errorCode, errorDetails };
}

function metadataOf(detail: Detail, scope: Scope): object {
  const flag = flagOf(detail, scope.held);
  const { staleMs } = scope.held;
  return {
    flagSetId: scope.environment,
    version: detail.version,
    "pennon.reason": detail.reason,
    ...(staleMs !== undefined && { "pennon.staleMs": staleMs }),
    ...(detail.membershipUnknown && { "pennon.membershipUnknown": true }),
    ...(isTracked(detail, flag) && {
      "pennon.track": true,
      ...(detail.ruleId !== undefined && { "pennon.ruleId": detail.ruleId }),
    }),
    ...flag?.metadata,
  };
}
