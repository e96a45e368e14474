import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };

const SOURCES = new URL("../src/", import.meta.url);
const source = readdirSync(SOURCES)
  .map(name => readFileSync(new URL(name, SOURCES), "utf8"))
  .join("");

describe("The evaluator runs on every platform", () => {
  test("depends on nothing", () => {
    expect(manifest).not.toHaveProperty("dependencies");
    expect(source.match(/from "(?!\.\/)/g)).toBeNull();
  });

  test("makes no code from text, which isolates and strict pages forbid", () => {
    expect(source.match(/\beval\(|new Function\b/g)).toBeNull();
  });
});
