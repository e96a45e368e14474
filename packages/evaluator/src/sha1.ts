/**
 * SHA-1 (FIPS 180-4) of a text, synchronous and without hex.
 *
 * Web Crypto is asynchronous and `node:crypto` exists in Node alone. A prefix is read once for all
 * the texts that begin with it, and ASCII goes straight into the words of a block: the usual key
 * takes one block and allocates nothing.
 */
import { utf8 } from "./utf8.ts";

const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
const words = new Int32Array(80);
const state = new Int32Array(5);

/**
 * Return a function that gives the digest of *prefix* and a text as five signed 32-bit words.
 *
 * A lone surrogate counts as U+FFFD. The array is the same at each call: read it before the next.
 */
export function hasher(prefix: string): (text: string) => Int32Array {
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
    words[14] = size / 0x20000000;
    words[15] = size << 3;
    compress();
    return state;
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
  (words[(at & 63) >> 2] as number) |= byte << (24 - ((at & 3) << 3));
  if ((at & 63) === 63) compress();
}

/** Mix the block that the first sixteen words hold into the state, and clear it. */
function compress(): void {
  // Bundlers make variables of a module's constants, which engines load anew at each use.
  const block = words;
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  let e = state[4] as number;
  let i = 0;
  let next: number;
  // The sums are cut at once: engines add small integers far faster than doubles.
  for (; i < 20; i++) {
    next = sum(
      a,
      e,
      (d ^ (b & (c ^ d))) + 0x5a827999,
      i < 16 ? (block[i] as number) : spread(block, i),
    );
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (; i < 40; i++) {
    next = sum(a, e, (b ^ c ^ d) + 0x6ed9eba1, spread(block, i));
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (; i < 60; i++) {
    next = sum(a, e, ((b & c) | (d & (b | c))) - 0x70e44324, spread(block, i));
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (; i < 80; i++) {
    next = sum(a, e, (b ^ c ^ d) - 0x359d3e2a, spread(block, i));
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
  block.fill(0, 0, 16);
}

function sum(a: number, e: number, mix: number, word: number): number {
  return (((((a << 5) | (a >>> 27)) + (mix | 0)) | 0) + ((e + word) | 0)) | 0;
}

function spread(block: Int32Array, i: number): number {
  const mixed =
    (block[i - 3] as number) ^
    (block[i - 8] as number) ^
    (block[i - 14] as number) ^
    (block[i - 16] as number);
  block[i] = (mixed << 1) | (mixed >>> 31);
  return block[i] as number;
}
