import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasher } from "../src/sha1.ts";

const hex = (text: string, prefix = ""): string =>
  digestOf(text, prefix)
    .map(word => word.toString(16).padStart(8, "0"))
    .join("");
const digestOf = (text: string, prefix: string) => Array.from(hasher(prefix)(text)).slice(0, 5);
const expected = (text: string): string =>
  createHash("sha1").update(new TextEncoder().encode(text)).digest("hex");

describe("SHA-1", () => {
  test("agrees with the platform at every length around the end of a block", () => {
    for (let length = 0; length < 200; length++) {
      const text = "x".repeat(length);

      expect(hex(text)).toBe(expected(text));
      expect(hex("y", text)).toBe(expected(`${text}y`));
    }
  });

  test("agrees with the platform on any text, a lone surrogate being U+FFFD", () => {
    const texts = fc.string({ unit: "binary", maxLength: 150 });
    fc.assert(
      fc.property(texts, texts, fc.nat(), (prefix, text, cut) => {
        const torn = text.slice(cut % (text.length + 1));

        expect(hex(`.${torn}`, `${prefix}.`)).toBe(expected(`${prefix}..${torn}`));
      }),
    );
  });

  test("of one prefix is not changed by another's", () => {
    const [one, other] = [hasher("one"), hasher("x".repeat(100))];
    const before = Array.from(one("a"));
    other("é".repeat(100));

    expect(Array.from(one("a"))).toEqual(before);
  });
});
