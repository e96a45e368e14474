/**
 * A search for a pattern in linear time (Thompson 1968).
 *
 * `RegExp` backtracks, so a pattern of a flag could stop a process. This search follows all ways
 * through the pattern at once: what it costs is at most the pattern's length for each character.
 */
import { parsePattern } from "./pattern.ts";
import type { Place } from "./pieces.ts";
import { utf8 } from "./utf8.ts";

const MOST_PATTERN_BYTES = 512;
const MOST_SUBJECT_BYTES = 4096;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Return a function that tells whether *pattern* is found in a text; undefined when invalid. */
export function compilePattern(pattern: string): ((text: string) => boolean) | undefined {
  const piece = utf8(pattern).length > MOST_PATTERN_BYTES ? undefined : parsePattern(pattern);
  if (piece === undefined) return undefined;
  const found: Place = { entered: 0, next: [] };
  const start = piece.link(found);
  return text =>
    // Three bytes are the most that one UTF-16 unit takes.
    (text.length * 3 <= MOST_SUBJECT_BYTES || utf8(text).length <= MOST_SUBJECT_BYTES) &&
    search(text.replace(LONE_SURROGATE, "\ufffd"), start, found);
}

let moment = 0;

function search(text: string, start: Place, found: Place): boolean {
  let before: string | undefined;
  let following: Place[] = [];
  for (const character of [...text, undefined]) {
    moment++;
    const reached: Place[] = [];
    enter(reached, start);
    for (const place of following) enter(reached, place);
    // What is added to a list while it is walked is walked as well.
    for (const { takes, holds, next } of reached) {
      if (takes || (holds && !holds(before, character))) continue;
      for (const place of next) enter(reached, place);
    }
    if (found.entered === moment) return true;
    following = [];
    for (const { takes, next } of reached) {
      if (character !== undefined && takes?.(character)) following.push(...next);
    }
    before = character;
  }
  return false;
}

/** Add *place* to *reached*, once at each moment. */
function enter(reached: Place[], place: Place): void {
  if (place.entered !== moment) reached.push(place);
  place.entered = moment;
}
