/** Lists of context keys, found at once however long they are. */
import { keyOf } from "./attributes.ts";
import type { Members } from "./flag.ts";
import type { Run } from "./run.ts";

/** Return a function that gives the place of the first list which names a context; -1 is none. */
export function compileMembers(lists: readonly Members[]): (run: Run) => number {
  const places = new Map<string, Map<unknown, number>>();
  lists.forEach(({ kind = "user", keys = [] }, place) => {
    const ofKind = places.get(kind) ?? new Map<unknown, number>();
    places.set(kind, ofKind);
    for (const key of keys) if (!ofKind.has(key)) ofKind.set(key, place);
  });
  const kinds = [...places];
  return run => {
    let first = -1;
    for (const [kind, ofKind] of kinds) {
      const place = ofKind.get(run.value(kind, keyOf));
      if (place !== undefined && (first < 0 || place < first)) first = place;
    }
    return first;
  };
}
