/** One evaluation under way: its context, and what it has met so far. */
import type { Context } from "./context.ts";

/** What the keeper of an external segment says of a context key; undefined is no answer. */
export type Membership = "in" | "out" | "unlisted";
export type Memberships = (segment: string, key: string) => Membership | undefined;

let runs = 0;

export class Run {
  /** Marks what was worked out during this run, so that nothing has to be cleared after it. */
  readonly id = ++runs;
  readonly context: Context;
  readonly memberships: Memberships | undefined;
  membershipUnknown = false;
  /** How many flags, and how many segments, evaluation is inside of. */
  flagDepth = 0;
  segmentDepth = 0;
  /** The depth of the flag that a cycle came back to, while the flags on that cycle are left. */
  cycleDepth = Infinity;

  constructor(context: Context, memberships: Memberships | undefined) {
    this.context = context;
    this.memberships = memberships;
  }
}

/** What the items of an environment may refer to: each other, whether they exist yet or not. */
export interface Scope {
  readonly flag: (key: string) => { readonly served: (run: Run) => string | null };
  readonly segment: (key: string) => { readonly contains: (run: Run) => boolean };
}
