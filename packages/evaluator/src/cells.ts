/** The places of a flag and of a segment: what stands there now, compiled when first asked. */
import { compileFlag } from "./compile.ts";
import { lazily, malformed } from "./fault.ts";
import type { Flag } from "./flag.ts";
import type { Run, Scope } from "./run.ts";
import { compileSegment } from "./segments.ts";
import type { Answer } from "./serve.ts";
import { isFlag } from "./shape.ts";

export interface FlagCell {
  readonly key: string;
  exists: boolean;
  /** The flag, when there is one that can be decoded. */
  flag: Flag | undefined;
  /** Throws a Fault when a malformed part is reached. */
  answer: Answer;
}

export interface SegmentCell {
  /** Whether the context of a run is in the segment; a missing one contains nobody. */
  contains: (run: Run) => boolean;
}

/** Return the cell of *key* with *source* in it; undefined is nothing. */
export function flagCell(scope: Scope, key: string, source?: unknown): FlagCell {
  const flag = isFlag(source) ? source : undefined;
  return {
    key,
    exists: source !== undefined,
    flag,
    answer: run => {
      if (!flag) throw malformed("no flag");
      const cell = scope.flag(key);
      cell.answer = lazily(compileFlag, { key, flag, scope });
      return cell.answer(run);
    },
  };
}

/** Return the cell of *key* with *source* in it; undefined is nothing. */
export function segmentCell(scope: Scope, key: string, source?: unknown): SegmentCell {
  return {
    contains: run => {
      const cell = scope.segment(key);
      cell.contains = source === undefined ? () => false : compileSegment(source, scope);
      return cell.contains(run);
    },
  };
}
