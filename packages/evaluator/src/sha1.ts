/**
 * SHA-1 (FIPS 180-4) of a text, synchronous and without hex.
 *
 * Web Crypto is asynchronous and `node:crypto` exists in Node alone. ASCII is written straight
 * into the words of a block, so that the usual key allocates nothing.
 */
import { utf8 } from "./utf8.ts";

const START = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
const words = new Int32Array(80);
const state = new Int32Array(5);
let length = 0;

/**
 * Return the digest of *text* as five signed 32-bit words; a lone surrogate counts as U+FFFD.
 *
 * The array is the same at each call: read it before the next one.
 */
export function sha1(text: string): Int32Array {
  begin();
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) {
      begin();
      utf8(text).forEach(put);
      break;
    }
    put(unit);
  }
  const bytes = length;
  put(0x80);
  if ((length & 63) > 56) compress();
  words[14] = bytes / 0x20000000;
  words[15] = bytes << 3;
  compress();
  return state;
}

function begin(): void {
  length = 0;
  words.fill(0, 0, 16);
  state.set(START);
}

function put(byte: number): void {
  const at = length++ & 63;
  (words[at >> 2] as number) |= byte << (24 - ((at & 3) << 3));
  if (at === 63) compress();
}

/** Mix the block that the first sixteen words hold into the state, and clear it. */
function compress(): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = [state[0], state[1], state[2], state[3], state[4]];
  for (let i = 0; i < 80; i++) {
    if (i > 15) {
      const word = at(i - 3) ^ at(i - 8) ^ at(i - 14) ^ at(i - 16);
      words[i] = (word << 1) | (word >>> 31);
    }
    const mix =
      i < 20
        ? ((b & c) | (~b & d)) + 0x5a827999
        : i < 40
          ? (b ^ c ^ d) + 0x6ed9eba1
          : i < 60
            ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
            : (b ^ c ^ d) + 0xca62c1d6;
    const next = (((a << 5) | (a >>> 27)) + mix + e + at(i)) | 0;
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

function at(i: number): number {
  return words[i] as number;
}
