/** The places of a flag and of a segment: what stands there now, compiled when first asked. */
import type { Holds } from "./clauses.ts";
import { compileFlag } from "./compile.ts";
import type { Detail } from "./detail.ts";
import { lazily, malformed } from "./fault.ts";
import type { Flag } from "./flag.ts";
import type { Run, Scope } from "./run.ts";
import { compileSegment } from "./segments.ts";
import type { Answer } from "./serve.ts";
import { isFlag } from "./shape.ts";

const DEEPEST = 32;

export class FlagCell {
  readonly key: string;
  /** The flag, when there is one that can be decoded. */
  flag: Flag | undefined;
  exists = false;
  #answer: Answer | undefined;
  readonly #scope: Scope;

  constructor(key: string, scope: Scope) {
    this.key = key;
    this.#scope = scope;
  }

  set(source: unknown): void {
    this.exists = source !== undefined;
    this.flag = isFlag(source) ? source : undefined;
    this.#answer = undefined;
  }

  /** Return what the flag answers in *run*. Throws a Fault when a malformed part is reached. */
  answer(run: Run): Detail {
    if (!this.flag) throw malformed("no flag");
    this.#answer ??= lazily(compileFlag, this.key, this.flag, this.#scope);
    return this.#answer(run);
  }
}

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
    if (run.segments === DEEPEST) throw malformed("segments too deep");
    if (this.#run === run.id) {
      if (this.#answer === undefined) throw malformed("segments in a cycle");
      return this.#answer;
    }
    run.segments++;
    this.#run = run.id;
    this.#answer = undefined;
    try {
      this.#holds ??= lazily(compileSegment, this.#source, this.#scope);
      this.#answer = this.#holds(run);
      return this.#answer;
    } finally {
      run.segments--;
      if (this.#answer === undefined) this.#run = 0;
    }
  }
}
