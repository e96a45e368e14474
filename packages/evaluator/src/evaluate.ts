/** The evaluator's calls: pure, synchronous, and never throwing. */
import type { FlagCell } from "./cells.ts";
import { startRun } from "./context.ts";
import { type Detail, failed } from "./detail.ts";
import { fault } from "./fault.ts";
import type { ClientSide } from "./flag.ts";
import type { Ruleset } from "./ruleset.ts";
import { type Memberships, type Run, restart } from "./run.ts";

/**
 * Return what the flag *key* serves *context*, and why.
 *
 * *context* is JSON in any of the three shapes; whatever else it is becomes an `INVALID_CONTEXT`.
 * *memberships* answers for external segments, from memory.
 */
export function evaluate(
  ruleset: Ruleset,
  key: string,
  context: unknown,
  memberships?: Memberships,
): Detail {
  return attempt(key, ruleset.flags.get(key), context, memberships);
}

/**
 * Return what every flag serves *context*, in the order of the datafile.
 *
 * *clientSide* leaves out the flags that client-side keys of that kind may not see.
 */
export function evaluateAll(
  ruleset: Ruleset,
  context: unknown,
  memberships?: Memberships,
  clientSide?: keyof ClientSide,
): Detail[] {
  const details: Detail[] = [];
  let run: Run | undefined;
  try {
    run = startRun(context, memberships);
  } catch {
    // Each flag answers what is wrong with the context.
  }
  for (const cell of ruleset.flags.values()) {
    if (clientSide ? cell.flag?.clientSide?.[clientSide] : cell.exists) {
      details.push(attempt(cell.key, cell, context, memberships, run));
    }
  }
  return details;
}

function attempt(
  key: string,
  cell: FlagCell | undefined,
  context: unknown,
  memberships: Memberships | undefined,
  begun?: Run,
): Detail {
  let run = begun;
  let detail: Detail;
  try {
    run = begun ? restart(begun) : startRun(context, memberships);
    if (!cell?.exists) throw fault("FLAG_NOT_FOUND", "no flag");
    detail = cell.answer(run);
  } catch (error) {
    detail = failed(key, error, cell?.flag?.version);
  }
  return run?.membershipUnknown ? { ...detail, membershipUnknown: true } : detail;
}
