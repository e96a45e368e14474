/**
 * Other flags that must serve one of the variations listed before a flag's own targeting counts.
 *
 * Such a flag is worked out once a run, since a diamond of thirty layers would take 2**30 steps
 * otherwise. Coming back to one that evaluation is inside of is a cycle.
 */
import type { FlagCell } from "./cells.ts";
import { type Detail, failed, type Why } from "./detail.ts";
import { type Fault, malformed } from "./fault.ts";
import type { Flag, Prerequisite } from "./flag.ts";
import type { Run, Scope } from "./run.ts";
import type { Answer } from "./serve.ts";

const DEEPEST = 32;

/** Return what is served: *otherwise* when all prerequisites hold, the flag's off variation else. */
export function compilePrerequisites(
  key: string,
  { version = 0 }: Flag,
  requires: readonly Prerequisite[],
  offBecause: (why: Why) => Answer,
  otherwise: Answer,
  scope: Scope,
): Answer {
  const requirements = requires.map(({ flag, is }) => ({
    cell: scope.flag(flag),
    wanted: new Set<string | null>(is),
    failed: offBecause({ reason: "PREREQUISITE_FAILED", prerequisite: flag }),
  }));
  const work: Answer = run => {
    for (const { cell, wanted, failed } of requirements) {
      if (!wanted.has(served(cell, run))) return failed(run);
    }
    return otherwise(run);
  };
  let id = 0;
  let depth = 0;
  let detail: Detail | undefined;
  return run => {
    if (id === run.id) {
      if (detail) return detail;
      throw { ...malformed("prerequisites in a cycle"), depth };
    }
    id = run.id;
    detail = undefined;
    depth = run.flags++;
    try {
      detail = work(run);
    } catch (error) {
      detail = failed(key, version, error);
      // Every flag on a cycle is malformed, up to the one that it came back to.
      if (depthOf(error) < depth) throw error;
    } finally {
      run.flags = depth;
    }
    return detail;
  };
}

/** Return the variation that a flag serves as a prerequisite; null is none. */
function served(cell: FlagCell, run: Run): string | null {
  if (!cell.flag?.enabled) return null;
  if (run.flags > DEEPEST) throw malformed("prerequisites too deep");
  try {
    return cell.answer(run).variation;
  } catch (error) {
    if (depthOf(error) < run.flags) throw error;
    return null;
  }
}

function depthOf(error: unknown): number {
  return (error as Fault | undefined)?.depth ?? Infinity;
}
