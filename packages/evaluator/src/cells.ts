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

/** Put *source* into the cell of *key*; undefined takes out what is there. */
export function putFlag(scope: Scope, key: string, source: unknown): void {
  const cell = scope.flag(key);
  let flag: Flag | undefined;
  try {
    if (isFlag(source)) flag = source;
  } catch {
    // It is nested deeper than the stack.
  }
  cell.exists = source !== undefined;
  cell.flag = flag;
  cell.answer = run => {
    if (!flag) throw malformed("no flag");
    cell.answer = lazily(compileFlag, { key, flag, scope });
    return cell.answer(run);
  };
}

/** Put *source* into the cell of *key*; undefined takes out what is there. */
export function putSegment(scope: Scope, key: string, source: unknown): void {
  const cell = scope.segment(key);
  cell.contains = run => {
    cell.contains = source === undefined ? () => false : compileSegment(source, scope);
    return cell.contains(run);
  };
}
