/** One evaluation under way: the context's kinds, and what it has met so far. */
import type { JsonObject } from "./flag.ts";

/** What the keeper of an external segment says of a context key; undefined is no answer. */
export type Membership = "in" | "out" | "unlisted";
export type Memberships = (segment: string, key: string) => Membership | undefined;

let runs = 0;

export class Run {
  /** Marks what was worked out during this run, so that nothing has to be cleared after it. */
  id = ++runs;
  membershipUnknown = false;
  /** How many flags, and how many segments, evaluation is inside of. */
  flagDepth = 0;
  segmentDepth = 0;
  /** The depth of the flag that a cycle came back to, while the flags on that cycle are left. */
  cycleDepth = Infinity;
  /** The only kind and its attributes, or undefined when the context has many. */
  readonly kind: string | undefined;
  readonly only: JsonObject | undefined;
  readonly many: ReadonlyMap<string, JsonObject> | undefined;
  readonly memberships: Memberships | undefined;

  constructor(
    memberships: Memberships | undefined,
    kind: string | undefined,
    only: JsonObject | undefined,
    many?: ReadonlyMap<string, JsonObject>,
  ) {
    this.memberships = memberships;
    this.kind = kind;
    this.only = only;
    this.many = many;
  }

  /** Begin once more, for another flag and the same context. */
  again(): this {
    this.id = ++runs;
    this.membershipUnknown = false;
    return this;
  }

  /** Return the attributes of *kind*, or undefined when the context has no such kind. */
  attributes(kind: string): JsonObject | undefined {
    return kind === this.kind ? this.only : this.many?.get(kind);
  }
}

/** What the items of an environment may refer to: each other, whether they exist yet or not. */
export interface Scope {
  readonly flag: (key: string) => { readonly served: (run: Run) => string | null };
  readonly segment: (key: string) => { readonly contains: (run: Run) => boolean };
}
