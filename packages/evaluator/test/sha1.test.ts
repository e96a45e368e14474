import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha1 } from "../src/sha1.ts";

const hex = (text: string): string =>
  [...sha1(text)].map(word => (word >>> 0).toString(16).padStart(8, "0")).join("");
const expected = (text: string): string =>
  createHash("sha1").update(new TextEncoder().encode(text)).digest("hex");

describe("sha1", () => {
  test("agrees with the platform at every length around the end of a block", () => {
    for (let length = 0; length < 200; length++) {
      const text = "x".repeat(length);

      expect(hex(text)).toBe(expected(text));
    }
  });

  test("agrees with the platform on any text, a lone surrogate being U+FFFD", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 150 }), fc.nat(), (text, cut) => {
        const torn = text.slice(cut % (text.length + 1));

        expect(hex(torn)).toBe(expected(torn));
      }),
    );
  });
});
