/**
 * The portable subset of regular expressions, parsed: the grammar is in `conformance/README.md`.
 *
 * The language's own `RegExp` splits a pattern into tokens and tests single code points. It never
 * searches for a pattern, which is where it backtracks.
 */

/** Whether a place lets through, by the characters after and before it; "" is an end. */
export type Test = (after: string, before: string) => boolean;

export interface Place {
  readonly test: Test;
  /** Whether it takes the character after it on the way. */
  readonly takes: boolean;
  readonly next: Set<Place>;
}

/** A pattern is found where a way leads from its start to its end (Thompson 1968). */
export interface Automaton {
  readonly start: Place;
  readonly end: Place;
}

const DEEPEST = 32;
const LONGEST = 1000;

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

const isWord = (character: string): boolean => /\w/.test(character);

const ANCHORS = new Map<string, Test>([
  ["^", (_, before) => before === ""],
  ["$", after => after === ""],
  ["\\b", (after, before) => isWord(before) !== isWord(after)],
  ["\\B", (after, before) => isWord(before) === isWord(after)],
]);

const isQuantifier = (token: string): boolean => /^[*+?{]/.test(token);

const REFUSED = Symbol();

/** Return *text* as an automaton. Throws when it is outside the subset. */
export function parsePattern(text: string): Automaton {
  const tokens = text.match(TOKEN) ?? [];
  let at = 0;
  let length = 0;

  /** Count what is written out. Every copy that a repetition makes is parsed anew. */
  function grow(): void {
    if (++length > LONGEST) throw REFUSED;
  }

  function alternatives(from: Place, depth: number): Place {
    const end = place();
    do {
      let last = from;
      while (!/^[|)]?$/.test(tokens[at] ?? "")) last = repeated(last, depth);
      last.next.add(end);
    } while (tokens[at] === "|" && ++at);
    return end;
  }

  function repeated(from: Place, depth: number): Place {
    const anchor = ANCHORS.get(tokens[at] ?? "");
    if (anchor) return one(from, anchor, false);
    const start = at;
    const end = place();
    let last = from;
    for (let copy = 1; ; copy++) {
      at = start;
      const begin = place();
      last.next.add(begin);
      last = atom(begin, depth);
      const [least, most] = bounds();
      if (copy > least) begin.next.add(end);
      if (copy < (most < Infinity ? most : least)) continue;
      if (most === Infinity) last.next.add(begin);
      if (most > 0) last.next.add(end);
      return end;
    }
  }

  function atom(from: Place, depth: number): Place {
    const token = tokens[at] ?? "";
    if (isQuantifier(token)) throw REFUSED;
    if (!token.startsWith("(")) return one(from, testOf(token), true);
    at++;
    const before = length;
    const end = alternatives(from, depth + 1);
    if (tokens[at++] !== ")" || depth === DEEPEST) throw REFUSED;
    // An empty group counts as well, or copies of it would be made for ever.
    if (length === before) grow();
    return end;
  }

  function one(from: Place, test: Test, takes: boolean): Place {
    at++;
    grow();
    const next = { test, takes, next: new Set<Place>() };
    from.next.add(next);
    return next;
  }

  /** Return how often at least and at most what was just read is to be found. */
  function bounds(): [least: number, most: number] {
    const token = tokens[at] ?? "";
    if (!isQuantifier(token)) return [1, 1];
    at++;
    const [sign] = token;
    const [
      least = sign === "+" ? 1 : 0,
      most = /^[*+]|,/.test(token) ? Infinity : sign === "?" ? 1 : least,
    ] = token.match(/\d+/g)?.map(Number) ?? [];
    if (most < least) throw REFUSED;
    return [least, most];
  }

  const start = place();
  const end = alternatives(start, 0);
  if (tokens.join("") !== text || at < tokens.length) throw REFUSED;
  return { start, end };
}

function place(): Place {
  return { test: () => true, takes: false, next: new Set() };
}

/** Return a test of one character. Throws when a range in it is reversed. */
function testOf(token: string): Test {
  if (!/^[.\\[]/.test(token)) return character => character === token;
  const source = token === "." ? "[^\\n]" : token.startsWith("[") ? token : `[${token}]`;
  const portable = source.replace(/\\(.)/g, (escaped, character: string) =>
    /[a-zA-Z]/.test(character)
      ? (SPACES[character] ?? escaped)
      : `\\x${character.charCodeAt(0).toString(16)}`,
  );
  const set = new RegExp(portable, "u");
  return character => set.test(character);
}
