/**
 * A search for a pattern in linear time: an automaton whose states are made as they are met.
 *
 * `RegExp` backtracks, so a pattern of a flag could stop a process. Here each character of the
 * subject costs at most one walk over the pattern (Thompson 1968), and one look-up when that walk
 * has been made before; what is remembered is bounded.
 */
import { isWord, parsePattern } from "./pattern.ts";
import type { Place } from "./pieces.ts";
import { utf8 } from "./utf8.ts";

const MOST_PATTERN_BYTES = 512;
const MOST_SUBJECT_BYTES = 4096;
const MOST_REMEMBERED = 20_000;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Where a search may stand after some characters; of the last only matters if it is of `\w`. */
interface State {
  readonly places: readonly Place[];
  readonly before: string | undefined;
  readonly next: Map<string, State | true>;
}

/** Return a function that tells whether *pattern* is found in a text; undefined when invalid. */
export function compilePattern(pattern: string): ((text: string) => boolean) | undefined {
  try {
    return utf8(pattern).length > MOST_PATTERN_BYTES ? undefined : search(pattern);
  } catch {
    return undefined;
  }
}

function search(pattern: string): (text: string) => boolean {
  const found: Place = { next: [] };
  const start = parsePattern(pattern).link(found);
  const first: State = { places: [], before: undefined, next: new Map() };
  const states = new Map<string, State>();
  const numbers = new Map<Place, number>();
  let remembered = 0;

  /** Return the places that can be at, given what comes *after*. */
  function walk({ places, before }: State, after: string | undefined): Set<Place> {
    const reached = new Set([start, ...places]);
    // What is added to a Set while it is walked is walked as well.
    for (const { test, holds, next } of reached) {
      if (!test && (!holds || holds(before, after))) for (const place of next) reached.add(place);
    }
    return reached;
  }

  function follow(state: State, character: string): State | true {
    const reached = walk(state, character);
    if (reached.has(found)) return true;
    const places = new Set<Place>();
    for (const { test, next } of reached) {
      if (test?.test(character)) for (const place of next) places.add(place);
    }
    const key = [isWord(character), ...[...places].map(numberOf)].join();
    let reachedState = states.get(key);
    if (!reachedState) {
      reachedState = { places: [...places], before: character, next: new Map() };
      states.set(key, reachedState);
    }
    remembered += 10 + places.size;
    if (remembered > MOST_REMEMBERED) {
      remembered = 0;
      states.clear();
      first.next.clear();
    }
    state.next.set(character, reachedState);
    return reachedState;
  }

  function numberOf(place: Place): number {
    const number = numbers.get(place) ?? numbers.size;
    numbers.set(place, number);
    return number;
  }

  return text => {
    // Three bytes are the most that one UTF-16 unit takes.
    if (text.length * 3 > MOST_SUBJECT_BYTES && utf8(text).length > MOST_SUBJECT_BYTES) {
      return false;
    }
    let state = first;
    for (const character of text.replace(LONE_SURROGATE, "\ufffd")) {
      const next = state.next.get(character) ?? follow(state, character);
      if (next === true) return true;
      state = next;
    }
    return walk(state, undefined).has(found);
  };
}
