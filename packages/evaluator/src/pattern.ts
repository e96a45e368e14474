/**
 * The portable subset of regular expressions, parsed: the grammar is in `conformance/README.md`.
 *
 * The language's own `RegExp` splits a pattern into tokens and tests single code points. It never
 * searches for a pattern, which is where it backtracks.
 */
import { DEEPEST, LONGEST_PATTERN } from "./limits.ts";

/** A place lets everything through, or what its test finds where it stands. */
export interface Place {
  readonly test: RegExp | undefined;
  /** Whether it takes the character after it on the way; an anchor takes none. */
  readonly takes: boolean;
  readonly next: Set<Place>;
}

/** A pattern is found where a way leads from its start to its end (Thompson 1968). */
export interface Automaton {
  readonly start: Place;
  readonly end: Place;
}

const CHARACTER = String.raw`\\(?:[tnrfv!-/:-@[-\x60{-~]|x[\dA-Fa-f]{2})`;
const MEMBER = String.raw`(?:${CHARACTER}|[^\\[\]^-])`;
const CLASS = String.raw`\[\^?(?!\])-?(?:\\[dDwWsS]|${MEMBER}(?:-${MEMBER})?)*-?\]`;
const QUANTIFIER = String.raw`(?:[*+?]|\{\d+(?:,\d*)?\})\??`;
const TOKEN = new RegExp(
  String.raw`${CLASS}|${CHARACTER}|\\[dDwWsSbB]|\(\?:|${QUANTIFIER}|[^\\[\]{}]`,
  "gu",
);

/** In JSON's world `\s` is ASCII and without the vertical tab. */
const SPACES: Readonly<Record<string, string>> = {
  s: "\\t\\n\\f\\r ",
  S: "\\0-\\x08\\v\\x0e-\\x1f!-\\u{10ffff}",
};

/**
 * Return *text* as an automaton. Throws when it is outside the subset.
 *
 * The platform refuses what is no pattern at all: what is nested, repeated or in a range wrongly.
 */
export function parsePattern(text: string): Automaton {
  const tokens: string[] = text.match(TOKEN) ?? [];
  if (tokens.join("") !== text) throw REFUSED;
  new RegExp(tokens.map(portable).join(""), "u");
  tokens.push(")");
  let at = 0;
  let length = 0;

  const token = () => tokens[at] as string;

  /** Count what is written out. Every copy that a repetition makes is parsed anew. */
  function grow(): void {
    if (++length > LONGEST_PATTERN) throw REFUSED;
  }

  function alternatives(from: Place, depth: number): Place {
    if (depth > DEEPEST) throw REFUSED;
    const end = place();
    do {
      let last = from;
      while (!/^[|)]$/.test(token())) last = repeated(last, depth);
      last.next.add(end);
    } while (tokens[at++] === "|");
    return end;
  }

  function repeated(from: Place, depth: number): Place {
    const start = at;
    const end = place();
    let last = from;
    for (let copy = 1; ; copy++) {
      at = start;
      const begin = place();
      last.next.add(begin);
      last = atom(begin, depth);
      const [least, most, again] = bounds();
      if (copy > least) begin.next.add(end);
      if (copy < most) continue;
      if (again) last.next.add(begin);
      if (most > 0) last.next.add(end);
      return end;
    }
  }

  function atom(from: Place, depth: number): Place {
    const it = token();
    at++;
    if (it.startsWith("(")) {
      const before = length;
      const end = alternatives(from, depth + 1);
      // An empty group counts as well, or copies of it would be made for ever.
      if (length === before) grow();
      return end;
    }
    grow();
    const next = place(new RegExp(portable(it), "uy"), !/^([$^]|\\b)$/i.test(it));
    from.next.add(next);
    return next;
  }

  /** Return how often what was just read is there at least, how often in all, and if again. */
  function bounds(): [least: number, most: number, again?: boolean] {
    const it = token();
    if (!/^[*+?{]/.test(it)) return [1, 1];
    at++;
    const plain = it.startsWith("+") ? [1] : [0, 1];
    const [least = 0, most = least] = it.match(/\d+/g)?.map(Number) ?? plain;
    return [least, most, /^[*+]|,}/.test(it)];
  }

  const start = place();
  return { start, end: alternatives(start, 0) };
}

const REFUSED = Symbol();

function place(test?: RegExp, takes = false): Place {
  return { test, takes, next: new Set() };
}

/** Return *token* as `RegExp` writes it. */
function portable(token: string): string {
  if (token === ".") return "[^\\n]";
  // In a group "?" can only be a quantifier of nothing, never the mark of a look-around.
  if (token === "(") return "(?:";
  const plain = token.replace(/\\(.)/g, (escaped, character: string) =>
    /[a-zA-Z]/.test(character)
      ? (SPACES[character] ?? escaped)
      : `\\x${character.charCodeAt(0).toString(16)}`,
  );
  return /^\\s$/i.test(token) ? `[${plain}]` : plain;
}
