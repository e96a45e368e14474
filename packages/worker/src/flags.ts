/** The seam between what is asked and where flags come from. */
import type { Ruleset } from "@pennon/evaluator";
import type { Replica } from "./replica.ts";

/** An environment in memory. */
export interface Held {
  readonly replica: Replica;
  /** What the flags of `replica` compile to. */
  readonly ruleset: Ruleset;
  /** For how long nothing was heard, in milliseconds, once that is too long. */
  readonly staleMs: number | undefined;
}

/** Keeps a promise going after the answer, on platforms that end with it. */
export type WaitUntil = (work: Promise<unknown>) => void;

export interface Flags {
  /** Return *environment* as current as the platform can have it; undefined: not to be had yet. */
  current(environment: string, waitUntil: WaitUntil): Promise<Held | undefined>;
}
