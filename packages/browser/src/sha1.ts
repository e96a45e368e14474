/**
 * SHA-1 (FIPS 180-4) of a text, without waiting as Web Crypto would.
 *
 * It is taken once for a context, so it is written to be small, where the evaluator's, taken for
 * every split, is written to be fast.
 */
type Words = [number, number, number, number, number];

/** Return the hash of *text*, as 40 hex digits. */
export function sha1(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const { length } = bytes;
  // After the text a bit stands alone; the last block ends with the length, in bits.
  const size = (length + 72) & -64;
  const blocks = new DataView(new ArrayBuffer(size));
  bytes.forEach((byte, at) => {
    blocks.setUint8(at, byte);
  });
  blocks.setUint8(length, 0x80);
  blocks.setUint32(size - 4, length * 8);
  let state: Words = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const constants = [2, 3, 5, 10].map(root => (Math.sqrt(root) * 2 ** 30) | 0);
  for (let at = 0; at < size; at += 64) {
    let [a, b, c, d, e] = state;
    let round = 0;
    const words: number[] = [];
    const back = (by: number) => words[round - by] as number;
    for (; round < 80; round++) {
      words[round] =
        round < 16
          ? blocks.getInt32(at + round * 4)
          : rotate(back(3) ^ back(8) ^ back(14) ^ back(16), 1);
      const quarter = (round / 20) | 0;
      const mixed = quarter & 1 ? b ^ c ^ d : quarter ? (b & c) | (d & (b | c)) : d ^ (b & (c ^ d));
      const next = rotate(a, 5) + mixed + e + (constants[quarter] as number) + back(0);
      e = d;
      d = c;
      c = rotate(b, 30);
      b = a;
      a = next | 0;
    }
    state = [a, b, c, d, e].map((word, i) => (word + (state[i] as number)) | 0) as Words;
  }
  return state.map(word => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
