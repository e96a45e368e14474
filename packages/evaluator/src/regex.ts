/**
 * A search for a pattern in linear time.
 *
 * `RegExp` backtracks, so a pattern of a flag could stop a process. This search follows all ways
 * through the pattern at once: what it costs is at most the pattern's length for each character.
 */
import { MOST_PATTERN_BYTES, MOST_SUBJECT_BYTES } from "./limits.ts";
import { type Automaton, type Place, parsePattern } from "./pattern.ts";
import { utf8 } from "./utf8.ts";

const LONE_SURROGATE = /\p{Cs}/gu;

/** Return a function that tells whether *pattern* is found in a text; undefined when invalid. */
export function compilePattern(pattern: string): ((text: string) => boolean) | undefined {
  if (utf8(pattern).length > MOST_PATTERN_BYTES) return undefined;
  let automaton: Automaton;
  try {
    automaton = parsePattern(pattern);
  } catch {
    return undefined;
  }
  return text =>
    utf8(text).length <= MOST_SUBJECT_BYTES &&
    search(text.replace(LONE_SURROGATE, "\ufffd"), automaton);
}

function search(text: string, { start, end }: Automaton): boolean {
  let before = "";
  let following = new Set<Place>();
  for (const after of [...text, ""]) {
    const reached = following.add(start);
    following = new Set();
    // What is added to a set while it is walked is walked as well, and only once.
    for (const place of reached) {
      if (place === end) return true;
      const { test, takes, next } = place;
      if (test) test.lastIndex = before.length;
      if (test && !test.test(before + after)) continue;
      for (const one of next) (takes ? following : reached).add(one);
    }
    before = after;
  }
  return false;
}
