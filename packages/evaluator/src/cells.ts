/**
 * The places of a flag and of a segment: what stands there now, and what it said in this run.
 *
 * An item is worked out once a run, since a diamond of thirty layers would take 2**30 steps
 * otherwise. Coming back to one that evaluation is inside of is a cycle.
 */
import type { Holds } from "./clauses.ts";
import { type Answer, compileFlag } from "./compile.ts";
import { type Detail, failed } from "./detail.ts";
import { lazily, malformed } from "./fault.ts";
import type { Flag } from "./flag.ts";
import type { Run, Scope } from "./run.ts";
import { compileSegment } from "./segments.ts";
import { isFlag } from "./shape.ts";

const DEEPEST = 32;

export class FlagCell {
  /** The flag, when there is one that can be decoded. */
  flag: Flag | undefined;
  exists = false;
  #answer: Answer | undefined;
  #run = 0;
  #depth = 0;
  #detail: Detail | undefined;
  readonly #key: string;
  readonly #scope: Scope;

  constructor(key: string, scope: Scope) {
    this.#key = key;
    this.#scope = scope;
  }

  set(source: unknown): void {
    this.exists = source !== undefined;
    this.flag = isFlag(source) ? source : undefined;
    this.#answer = undefined;
  }

  /** Return what the flag answers in *run*. Throws only to tell who requires it of a cycle. */
  detail(run: Run): Detail {
    if (this.#run === run.id) {
      if (this.#detail) return this.#detail;
      run.cycleDepth = this.#depth;
      throw CYCLE;
    }
    const depth = run.flagDepth++;
    this.#run = run.id;
    this.#depth = depth;
    this.#detail = undefined;
    this.#detail = this.#work(run);
    run.flagDepth = depth;
    if (run.cycleDepth < depth) throw CYCLE;
    run.cycleDepth = Infinity;
    return this.#detail;
  }

  #work(run: Run): Detail {
    const { flag } = this;
    try {
      if (!flag) throw malformed("no flag");
      this.#answer ??= lazily(compileFlag, this.#key, flag, this.#scope);
      return this.#answer(run);
    } catch (error) {
      return failed(this.#key, flag?.version ?? 0, error);
    }
  }

  /** Return the variation that the flag serves as a prerequisite; null is none. */
  served(run: Run): string | null {
    if (!this.flag?.enabled) return null;
    if (run.flagDepth > DEEPEST) throw malformed("prerequisites too deep");
    return this.detail(run).variation;
  }
}

const CYCLE = malformed("prerequisites in a cycle");

export class SegmentCell {
  #source: unknown;
  #holds: Holds | undefined;
  #run = 0;
  #answer: boolean | undefined;
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  set(source: unknown): void {
    this.#source = source;
    this.#holds = undefined;
  }

  /** Return whether the context of *run* is in the segment; a missing one contains nobody. */
  contains(run: Run): boolean {
    if (this.#source === undefined) return false;
    if (this.#run === run.id) {
      if (this.#answer === undefined) throw malformed("segments in a cycle");
      return this.#answer;
    }
    if (run.segmentDepth === DEEPEST) throw malformed("segments too deep");
    run.segmentDepth++;
    this.#run = run.id;
    this.#answer = undefined;
    try {
      this.#holds ??= lazily(compileSegment, this.#source, this.#scope);
      this.#answer = this.#holds(run);
      return this.#answer;
    } finally {
      run.segmentDepth--;
      if (this.#answer === undefined) this.#run = 0;
    }
  }
}
