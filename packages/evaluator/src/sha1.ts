/**
 * SHA-1 (FIPS 180-4) of a text, synchronous and without hex.
 *
 * Web Crypto is asynchronous and `node:crypto` exists in Node alone. ASCII is written straight
 * into the words of a block, so that the usual key allocates nothing.
 */
import { utf8 } from "./utf8.ts";

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
  words.fill(0);
  state.set([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
}

function put(byte: number): void {
  const at = length++ & 63;
  (words[at >> 2] as number) |= byte << (24 - ((at & 3) << 3));
  if (at === 63) compress();
}

function compress(): void {
  for (let i = 16; i < 80; i++) {
    const mixed =
      (words[i - 3] as number) ^
      (words[i - 8] as number) ^
      (words[i - 14] as number) ^
      (words[i - 16] as number);
    words[i] = (mixed << 1) | (mixed >>> 31);
  }
  let [a, b, c, d, e] = state as unknown as [number, number, number, number, number];
  for (let i = 0; i < 80; i++) {
    const mix =
      i < 20
        ? ((b & c) | (~b & d)) + 0x5a827999
        : i < 40
          ? (b ^ c ^ d) + 0x6ed9eba1
          : i < 60
            ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
            : (b ^ c ^ d) + 0xca62c1d6;
    const next = (((a << 5) | (a >>> 27)) + mix + e + (words[i] as number)) | 0;
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
  words.fill(0);
}
