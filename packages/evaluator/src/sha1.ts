/**
 * SHA-1 (FIPS 180-4) of a text, synchronous and without hex.
 *
 * Web Crypto is asynchronous and `node:crypto` exists in Node alone. A prefix is read once for all
 * the texts that begin with it, and ASCII goes straight into the words of a block: the usual key
 * takes one block and allocates nothing.
 */
import { utf8 } from "./utf8.ts";

const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

/** Returns the digest of a text as five signed 32-bit words, in the same array at each call. */
export type Hash = (text: string) => Int32Array;

/** Return a function that hashes *prefix* and a text; a lone surrogate counts as U+FFFD. */
export const hasher = makeHasher();

/** Inside of a function engines see that the arrays stay the same: that saves a third of the time. */
function makeHasher(): (prefix: string) => Hash {
  const words = new Int32Array(80);
  const state = new Int32Array(5);

  /** Add *text* after *size* bytes and return how many there are then. */
  function append(text: string, size: number): number {
    let seen = 0;
    for (let i = 0; i < text.length; i++) seen |= text.charCodeAt(i);
    if (seen > 0x7f) for (const byte of utf8(text)) put(byte, size++);
    else for (let i = 0; i < text.length; i++) put(text.charCodeAt(i), size++);
    return size;
  }

  function put(byte: number, at: number): void {
    (words[(at & 63) >> 2] as number) |= byte << (24 - ((at & 3) << 3));
    if ((at & 63) === 63) compress();
  }

  /** Mix the block that the first sixteen words hold into the state, and clear it. */
  function compress(): void {
    let a = state[0] as number;
    let b = state[1] as number;
    let c = state[2] as number;
    let d = state[3] as number;
    let e = state[4] as number;
    let i = 0;
    let next: number;
    for (; i < 20; i++) {
      next = sum(a, e, (d ^ (b & (c ^ d))) + 0x5a827999, i < 16 ? (words[i] as number) : spread(i));
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (; i < 40; i++) {
      next = sum(a, e, (b ^ c ^ d) + 0x6ed9eba1, spread(i));
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (; i < 60; i++) {
      next = sum(a, e, ((b & c) | (d & (b | c))) - 0x70e44324, spread(i));
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (; i < 80; i++) {
      next = sum(a, e, (b ^ c ^ d) - 0x359d3e2a, spread(i));
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    (state[0] as number) += a;
    (state[1] as number) += b;
    (state[2] as number) += c;
    (state[3] as number) += d;
    (state[4] as number) += e;
    words.fill(0, 0, 16);
  }

  function spread(i: number): number {
    const mixed =
      (words[i - 3] as number) ^
      (words[i - 8] as number) ^
      (words[i - 14] as number) ^
      (words[i - 16] as number);
    words[i] = (mixed << 1) | (mixed >>> 31);
    return words[i] as number;
  }

  return prefix => {
    state.set(START);
    words.fill(0);
    const begun = append(prefix, 0);
    const known = words.slice(0, 16);
    const mixed = state.slice();
    return text => {
      words.set(known);
      state.set(mixed);
      const size = append(text, begun);
      put(0x80, size);
      if (((size + 1) & 63) > 56) compress();
      // The length in bits has one word: no key is half a gigabyte long.
      words[15] = size << 3;
      compress();
      return state;
    };
  };
}

/** The sums are cut at once: engines add small integers far faster than doubles. */
function sum(a: number, e: number, mix: number, word: number): number {
  return (((((a << 5) | (a >>> 27)) + (mix | 0)) | 0) + ((e + word) | 0)) | 0;
}
