import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { BUDGETS, bundle, sizeOf } from "../scripts/sizes.mjs";

const SOURCES = new URL("../src/", import.meta.url);

describe("What a page pays", () => {
  test.each(Object.entries(BUDGETS))("%s stays within its budget", async (_, { entry, most }) => {
    expect(sizeOf(await bundle(entry))).toBeLessThanOrEqual(most);
  });

  test("is what it uses: the rest is left out", async () => {
    const core = new TextDecoder().decode(await bundle(BUDGETS.core.entry));

    expect(core).not.toMatch(/event-stream|sendBeacon|if-none-match/);
  });
});

describe("The package", () => {
  test("depends on nothing", () => {
    const sources = readdirSync(SOURCES).filter(name => name !== "react.ts");
    const source = sources.map(name => readFileSync(new URL(name, SOURCES), "utf8")).join("");

    expect(manifest).not.toHaveProperty("dependencies");
    expect(source.match(/from "(?!\.\/)/g)).toBeNull();
  });
});
