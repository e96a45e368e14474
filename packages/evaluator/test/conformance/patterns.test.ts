import { describe, expect, test } from "vitest";
import { compilePattern } from "../../src/regex.ts";
import { type Patterns, read } from "./cases.ts";

const { valid, invalid } = read<Patterns>("patterns.json");

describe("A pattern of the portable subset", () => {
  test.each(valid)("$name", ({ pattern, repeat = 1, matches, misses }) => {
    const found = (subject: string) => compilePattern(pattern)?.(subject.repeat(repeat));

    expect(matches.map(found)).toEqual(matches.map(() => true));
    expect(misses.map(found)).toEqual(misses.map(() => false));
  });
});

describe("A pattern outside of it", () => {
  test.each(invalid)("$name", ({ pattern }) => {
    expect(compilePattern(pattern)).toBeUndefined();
  });
});
