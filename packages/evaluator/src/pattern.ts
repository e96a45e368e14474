/**
 * The portable subset of regular expressions, parsed: the grammar is in `conformance/README.md`.
 *
 * The language's own `RegExp` splits a pattern into tokens and tests single code points. It never
 * searches for a pattern, which is where it backtracks.
 */
import {
  anchor,
  choice,
  type Holds,
  one,
  type Piece,
  repeat,
  sequence,
  type Takes,
} from "./pieces.ts";

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

const QUANTIFIERS = ["*", "+", "?", "{"];

/** In JSON's world `\s` is ASCII and without the vertical tab. */
const SPACES: Readonly<Record<string, string>> = {
  s: "\\t\\n\\f\\r ",
  S: "\\0-\\x08\\v\\x0e-\\x1f!-\\u{10ffff}",
};

const ANCHORS = new Map<string, Holds>([
  ["^", before => before === undefined],
  ["$", (_, after) => after === undefined],
  ["\\b", (before, after) => isWord(before) !== isWord(after)],
  ["\\B", (before, after) => isWord(before) === isWord(after)],
]);

function isWord(character = ""): boolean {
  return /\w/.test(character);
}

/** Return *text* parsed, or undefined when it is outside the subset. */
export function parsePattern(text: string): Piece | undefined {
  const tokens = text.match(TOKEN) ?? [];
  if (tokens.join("") !== text) return undefined;
  let at = 0;

  function alternatives(depth: number): Piece {
    const branches = [];
    do branches.push(branch(depth));
    while (tokens[at] === "|" && ++at);
    return choice(branches);
  }

  function branch(depth: number): Piece {
    const pieces = [];
    for (;;) {
      const token = tokens[at];
      if (token === undefined || token === "|" || token === ")") return sequence(pieces);
      at++;
      const holds = ANCHORS.get(token);
      pieces.push(holds ? anchor(holds) : quantified(atom(token, depth)));
    }
  }

  function atom(token: string, depth: number): Piece {
    if (token === "(" || token === "(?:") {
      const inner = alternatives(depth + 1);
      if (tokens[at++] !== ")" || depth === DEEPEST) throw REFUSED;
      return inner.size > 0 ? inner : { ...inner, size: 1 };
    }
    if (QUANTIFIERS.includes(token.charAt(0))) throw REFUSED;
    return one(takesOf(token));
  }

  function quantified(piece: Piece): Piece {
    const token = tokens[at] ?? "";
    const [sign = ""] = token;
    if (!QUANTIFIERS.includes(sign)) return piece;
    at++;
    const isExact = sign === "{" && !token.includes(",");
    const [least = sign === "+" ? 1 : 0, most = sign === "?" ? 1 : isExact ? least : Infinity] =
      token.match(/\d+/g)?.map(Number) ?? [];
    if (most < least) throw REFUSED;
    return repeat(piece, least, most);
  }

  try {
    const pattern = alternatives(0);
    return at < tokens.length || pattern.size > LONGEST ? undefined : pattern;
  } catch {
    return undefined;
  }
}

const REFUSED = Symbol();

/** Return a test of one character. Throws when a range in it is reversed. */
function takesOf(token: string): Takes {
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
