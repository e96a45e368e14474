/**
 * An environment in memory, ready to evaluate.
 *
 * Flags and segments stand in cells and refer to each other's cell, so that a change compiles one
 * item anew and no other. Each is compiled when it is first evaluated.
 */
import { attributeOf } from "./attributes.ts";
import { type FlagCell, putFlag, putSegment } from "./cells.ts";
import type { Datafile, Flag, Segment } from "./flag.ts";
import type { Scope } from "./run.ts";

export interface Ruleset {
  readonly environment: string;
  readonly epoch: string;
  version: number;
  readonly flags: ReadonlyMap<string, FlagCell>;
  readonly scope: Scope;
}

/** Return the ruleset of *datafile*; an item that is malformed answers so and hurts no other. */
export function compile(datafile: Datafile): Ruleset {
  const { environment, epoch, version } = datafile;
  const flags = new Map<string, FlagCell>();
  const scope: Scope = {
    flag: remember(flags, key => ({ key }) as FlagCell),
    segment: remember(new Map(), () => ({ contains: () => false })),
    attribute: remember(new Map(), attributeOf),
  };
  for (const [key, one] of Object.entries(datafile.flags)) putFlag(scope, key, one);
  for (const [key, one] of Object.entries(datafile.segments)) putSegment(scope, key, one);
  return { environment, epoch, version, flags, scope };
}

/** Put *flag* in the place of the one of that key, as of *version*; undefined deletes it. */
export function updateFlag(
  ruleset: Ruleset,
  key: string,
  flag: Flag | undefined,
  version: number,
): void {
  putFlag(ruleset.scope, key, flag);
  ruleset.version = version;
}

/** Put *segment* in the place of the one of that key, as of *version*; undefined deletes it. */
export function updateSegment(
  ruleset: Ruleset,
  key: string,
  segment: Segment | undefined,
  version: number,
): void {
  putSegment(ruleset.scope, key, segment);
  ruleset.version = version;
}

/** Return a function that makes the thing of a key once; it is in *known* from then on. */
function remember<T>(known: Map<string, T>, make: (key: string) => T): (key: string) => T {
  return key => {
    const thing = known.get(key) ?? make(key);
    known.set(key, thing);
    return thing;
  };
}
