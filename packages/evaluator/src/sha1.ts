/**
 * SHA-1 (FIPS 180-4) of a text, synchronous and without hex.
 *
 * Web Crypto is asynchronous and `node:crypto` exists in Node alone. A prefix is read once for all
 * the texts that begin with it, and ASCII goes straight into the words of a block: the usual key
 * takes one block and allocates nothing.
 */
import { compress } from "./sha1-rounds.ts";
import { utf8 } from "./utf8.ts";

/** Five words, and more that say nothing. */
export interface Digest extends ArrayLike<number> {
  readonly 0: number;
  readonly 1: number;
}

/** Returns the digest of a text, which stands until the next call. */
export type Hash = (text: string) => Digest;

/** The state, and the block that is being filled: together, so that one call puts both back. */
const words = new Uint32Array(21) as Uint32Array & Digest;

/** Return a function that hashes *prefix* and a text; a lone surrogate counts as U+FFFD. */
export function hasher(prefix: string): Hash {
  words.fill(0);
  words.set([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  const begun = append(prefix, 0);
  const known = words.slice();
  return text => {
    words.set(known);
    const size = append(text, begun);
    put(0x80, size);
    if (((size + 1) & 63) > 56) next();
    // The length in bits has one word: no key is half a gigabyte long.
    words[20] = size << 3;
    compress(words);
    return words;
  };
}

/** Add *text* after *size* bytes and return how many there are then. */
function append(text: string, size: number): number {
  let seen = 0;
  for (let i = 0; i < text.length; i++) seen |= text.charCodeAt(i);
  if (seen > 0x7f) for (const byte of utf8(text)) put(byte, size++);
  else for (let i = 0; i < text.length; i++) put(text.charCodeAt(i), size++);
  return size;
}

function put(byte: number, at: number): void {
  (words[5 + ((at & 63) >> 2)] as number) |= byte << (24 - ((at & 3) << 3));
  if ((at & 63) === 63) next();
}

/** Mix the block in, and begin another. */
function next(): void {
  compress(words);
  words.fill(0, 5);
}
