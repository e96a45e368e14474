/**
 * A search for a pattern in linear time.
 *
 * `RegExp` backtracks without end, so a pattern of a flag could stop a process. This search
 * backtracks as well, but it comes to each place of the pattern at most once for each character of
 * the subject, since a second visit could only fail like the first.
 */
import { parsePattern } from "./pattern.ts";
import type { Place } from "./pieces.ts";
import { utf8 } from "./utf8.ts";

const MOST_PATTERN_BYTES = 512;
const MOST_SUBJECT_BYTES = 4096;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Return a function that tells whether *pattern* is found in a text; undefined when invalid. */
export function compilePattern(pattern: string): ((text: string) => boolean) | undefined {
  if (utf8(pattern).length > MOST_PATTERN_BYTES) return undefined;
  const piece = parsePattern(pattern);
  if (piece === undefined) return undefined;
  const found: Place = { number: 0, next: [] };
  const start = piece.link(found);
  const places = new Set([start]);
  let count = 0;
  // What is added to a Set while it is walked is walked as well.
  for (const place of places) {
    place.number = count++;
    for (const next of place.next) places.add(next);
  }
  return text =>
    // Three bytes are the most that one UTF-16 unit takes.
    (text.length * 3 <= MOST_SUBJECT_BYTES || utf8(text).length <= MOST_SUBJECT_BYTES) &&
    search([...text.replace(LONE_SURROGATE, "\ufffd")], start, found, count);
}

function search(text: readonly string[], start: Place, found: Place, places: number): boolean {
  const visited = new Uint8Array(places * (text.length + 1));
  const toVisit: [Place, number][] = [];
  for (let from = 0; from <= text.length; from++) {
    toVisit.push([start, from]);
    for (let visit = toVisit.pop(); visit; visit = toVisit.pop()) {
      const [place, at] = visit;
      const mark = place.number * (text.length + 1) + at;
      if (place === found) return true;
      if (visited[mark]) continue;
      visited[mark] = 1;
      const { takes, holds, next } = place;
      const character = text[at];
      const goesOn = takes
        ? character !== undefined && takes(character)
        : !holds || holds(text[at - 1], character);
      if (goesOn) for (const one of next) toVisit.push([one, takes ? at + 1 : at]);
    }
  }
  return false;
}
