/**
 * Other flags that must serve one of the variations listed before a flag's own targeting counts.
 *
 * Such a flag is worked out once a run, since a diamond of thirty layers would take 2**30 steps
 * otherwise. Coming back to one that evaluation is inside of is a cycle.
 */
import type { FlagCell } from "./cells.ts";
import { type Detail, failed } from "./detail.ts";
import { type Fault, malformed } from "./fault.ts";
import { DEEPEST } from "./limits.ts";
import type { Run } from "./run.ts";
import { type Answer, compileOff, type FlagSource } from "./serve.ts";

/** Return what is served: *otherwise* when all prerequisites hold, the flag's off variation else. */
export function compilePrerequisites(source: FlagSource, otherwise: Answer): Answer {
  const { requires = [], version } = source.flag;
  if (requires.length === 0) return otherwise;
  const requirements = requires.map(({ flag, is }) => ({
    cell: source.scope.flag(flag),
    is: is as readonly (string | null)[],
    off: compileOff(source, { reason: "PREREQUISITE_FAILED", prerequisite: flag }),
  }));
  const work: Answer = run => {
    for (const { cell, is, off } of requirements) {
      if (!is.includes(served(cell, run))) return off(run);
    }
    return otherwise(run);
  };
  let id = 0;
  let detail: Detail | undefined;
  return run => {
    if (id === run.id) {
      if (detail) return detail;
      throw { ...malformed("in a cycle"), cycle: source };
    }
    id = run.id;
    detail = undefined;
    run.flags++;
    try {
      detail = work(run);
    } catch (error) {
      detail = failed(source.key, error, version);
      // Every flag on a cycle is malformed, up to the one that it came back to.
      if (((error as Fault | null)?.cycle ?? source) !== source) throw error;
    } finally {
      run.flags--;
    }
    return detail;
  };
}

/** Return the variation that a flag serves as a prerequisite; null is none. */
function served(cell: FlagCell, run: Run): string | null {
  if (!cell.flag?.enabled) return null;
  if (run.flags > DEEPEST) throw malformed("too deep");
  try {
    return cell.answer(run).variation;
  } catch (error) {
    if ((error as Fault | null)?.cycle) throw error;
    return null;
  }
}
