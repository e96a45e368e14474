/**
 * SHA-1 (FIPS 180-4) of a text, synchronous and without hex.
 *
 * Web Crypto is asynchronous and `node:crypto` exists in Node alone. ASCII is written straight
 * into the words of a block, so that the usual key allocates nothing.
 */
import { utf8 } from "./utf8.ts";

const START = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
const BEYOND_ASCII = /[^\0-\x7f]/;
const words = new Int32Array(80);
const state = new Int32Array(5);
let length = 0;

/**
 * Return the digest of *text* as five signed 32-bit words; a lone surrogate counts as U+FFFD.
 *
 * The array is the same at each call: read it before the next one.
 */
export function sha1(text: string): Int32Array {
  const bytes = BEYOND_ASCII.test(text) ? utf8(text) : undefined;
  const size = bytes?.length ?? text.length;
  length = 0;
  state.set(START);
  for (let i = 0; i < size; i++) put(bytes ? (bytes[i] as number) : text.charCodeAt(i));
  put(0x80);
  if ((length & 63) > 56) compress();
  words[14] = size / 0x20000000;
  words[15] = size << 3;
  compress();
  return state;
}

function put(byte: number): void {
  const at = length++ & 63;
  (words[at >> 2] as number) |= byte << (24 - ((at & 3) << 3));
  if (at === 63) compress();
}

/** Mix the block that the first sixteen words hold into the state, and clear it. */
function compress(): void {
  for (let i = 16; i < 80; i++) {
    const mixed = word(i - 3) ^ word(i - 8) ^ word(i - 14) ^ word(i - 16);
    words[i] = (mixed << 1) | (mixed >>> 31);
  }
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  let e = state[4] as number;
  for (let i = 0; i < 80; i++) {
    // The sums are cut at once: engines add small integers far faster than doubles.
    const mix =
      i < 20
        ? (((b & c) | (~b & d)) + 0x5a827999) | 0
        : i < 40
          ? ((b ^ c ^ d) + 0x6ed9eba1) | 0
          : i < 60
            ? (((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc) | 0
            : ((b ^ c ^ d) + 0xca62c1d6) | 0;
    const next = (((a << 5) | (a >>> 27)) + mix + e + word(i)) | 0;
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

function word(i: number): number {
  return words[i] as number;
}
