/** What a flag serves, as it is written: its value, and what is told of an exposure. */
import type { Detail, Flag } from "@pennon/evaluator";
import type { Held } from "./flags.ts";

export function flagOf(detail: Detail, { ruleset }: Held): Flag | undefined {
  return ruleset.flags.get(detail.flag)?.flag;
}

/** Return the JSON of the value; that of a float flag always has a fraction or an exponent. */
export function valueText(detail: Detail, flag: Flag | undefined): string {
  const text = JSON.stringify(detail.value);
  return flag?.type === "float" && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** Return whether *detail*, an answer of *flag*, is an exposure that is to be told. */
export function isTracked(detail: Detail, flag: Flag | undefined): boolean {
  const { track = "none" } = flag ?? {};
  if (track === "none" || detail.variation === null) return false;
  return track === "all" || detail.inExperiment;
}

/** Return JSON of the *members* of an object, whose values are JSON already. */
export function objectText(members: Iterable<readonly [string, string]>): string {
  return `{${Array.from(members, ([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`;
}
