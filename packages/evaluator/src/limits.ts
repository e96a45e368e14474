/** How much may be asked of the evaluator: what goes beyond is malformed, or matches nothing. */

/** Conditions, prerequisites, segments and the groups of a pattern may nest as deep. */
export const DEEPEST = 32;

export const MOST_PATTERN_BYTES = 512;
export const MOST_SUBJECT_BYTES = 4096;

/** The length of a pattern when its repetitions are written out. */
export const LONGEST_PATTERN = 1000;
