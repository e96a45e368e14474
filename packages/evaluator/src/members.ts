/** Lists of context keys, each found at once however long it is. */
import { keyOf } from "./attributes.ts";
import type { Members } from "./flag.ts";
import { type Run, valueIn } from "./run.ts";

/** Return a function that gives the place of the first list which names a context; -1 is none. */
export function compileMembers(lists: readonly Members[]): (run: Run) => number {
  const sets = lists.map(({ kind = "user", keys }) => ({ kind, keys: new Set<unknown>(keys) }));
  return run => sets.findIndex(({ kind, keys }) => keys.has(valueIn(run, kind, keyOf)));
}
