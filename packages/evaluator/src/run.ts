/** One evaluation under way: the context's kinds, and what it has met so far. */
import type { FlagCell, SegmentCell } from "./cells.ts";
import type { Json, JsonObject } from "./flag.ts";

/** What the keeper of an external segment says of a context key; undefined is no answer. */
export type Membership = "in" | "out" | "unlisted";
export type Memberships = (segment: string, key: string) => Membership | undefined;

export interface Run {
  /** Marks what was worked out during this run, so that nothing has to be cleared after it. */
  id: number;
  membershipUnknown: boolean;
  /** How many flags with prerequisites, and how many segments, evaluation is inside of. */
  flags: number;
  segments: number;
  readonly memberships: Memberships | undefined;
  /** The only kind and its attributes; "" and undefined when the context has many. */
  readonly kind: string;
  readonly only: JsonObject | undefined;
  readonly many: ReadonlyMap<string, JsonObject> | undefined;
}

let runs = 0;

export function newRun(
  memberships: Memberships | undefined,
  kind: string,
  only: JsonObject | undefined,
  many?: ReadonlyMap<string, JsonObject>,
): Run {
  return {
    id: ++runs,
    membershipUnknown: false,
    flags: 0,
    segments: 0,
    memberships,
    kind,
    only,
    many,
  };
}

/** Begin *run* once more, for another flag and the same context. */
export function restart(run: Run): Run {
  run.id = ++runs;
  run.membershipUnknown = false;
  return run;
}

/** Return the attributes of *kind*, or undefined when the context has no such kind. */
export function attributesOf(run: Run, kind: string): JsonObject | undefined {
  return kind === run.kind ? run.only : run.many?.get(kind);
}

/** Reads an attribute of one kind; undefined where it is missing. */
export type Read = (attributes: JsonObject) => Json | undefined;

/** Return what *read* finds in *kind*; undefined where it or the kind is missing. */
export function valueIn(run: Run, kind: string, read: Read): Json | undefined {
  const attributes = attributesOf(run, kind);
  return attributes && read(attributes);
}

/** What the items of an environment may refer to: each other, whether they exist yet or not. */
export interface Scope {
  readonly flag: (key: string) => FlagCell;
  readonly segment: (key: string) => SegmentCell;
  /** Attributes are shared as well: most of them are read by many flags. */
  readonly attribute: (reference: string) => Attribute;
}

/** An attribute; a path of several steps has no `name`. */
export interface Attribute {
  readonly name?: string;
  readonly read: Read;
}
