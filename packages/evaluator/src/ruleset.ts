/**
 * An environment in memory, ready to evaluate.
 *
 * Flags and segments stand in cells and refer to each other's cell, so that a change compiles one
 * item anew and no other. Each is compiled when it is first evaluated.
 */
import { FlagCell, SegmentCell } from "./cells.ts";
import type { Datafile, Flag, Segment } from "./flag.ts";
import type { Scope } from "./run.ts";

export interface Ruleset {
  readonly environment: string;
  readonly epoch: string;
  version: number;
  readonly flags: ReadonlyMap<string, FlagCell>;
  readonly cells: Cells;
}

/** Gives the cell of a key, an empty one where nothing has that key (yet). */
interface Cells extends Scope {
  readonly flag: (key: string) => FlagCell;
  readonly segment: (key: string) => SegmentCell;
}

/** Return the ruleset of *datafile*; an item that is malformed answers so and hurts no other. */
export function compile(datafile: Datafile): Ruleset {
  const flags = new Map<string, FlagCell>();
  const segments = new Map<string, SegmentCell>();
  const cells: Cells = {
    flag: key => cellOf(flags, key, () => new FlagCell(key, cells)),
    segment: key => cellOf(segments, key, () => new SegmentCell(cells)),
  };
  const { environment, epoch, version } = datafile;
  for (const [key, flag] of Object.entries(datafile.flags)) cells.flag(key).set(flag);
  for (const [key, one] of Object.entries(datafile.segments)) cells.segment(key).set(one);
  return { environment, epoch, version, flags, cells };
}

/** Put *flag* in the place of the one of that key, as of *version*; undefined deletes it. */
export function updateFlag(
  ruleset: Ruleset,
  key: string,
  flag: Flag | undefined,
  version: number,
): void {
  ruleset.cells.flag(key).set(flag);
  ruleset.version = version;
}

/** Put *segment* in the place of the one of that key, as of *version*; undefined deletes it. */
export function updateSegment(
  ruleset: Ruleset,
  key: string,
  segment: Segment | undefined,
  version: number,
): void {
  ruleset.cells.segment(key).set(segment);
  ruleset.version = version;
}

function cellOf<C>(cells: Map<string, C>, key: string, make: () => C): C {
  const cell = cells.get(key) ?? make();
  cells.set(key, cell);
  return cell;
}
