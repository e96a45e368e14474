import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";

const SOURCES = new URL("../src/", import.meta.url);
describe("The worker runs on every platform", () => {
  test("asks for nothing that only Node has, outside node.ts", () => {
    const portable = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
      .filter(name => name.endsWith(".ts") && name !== "node.ts")
      .map(name => readFileSync(new URL(name, SOURCES), "utf8"));

    expect(portable.join("").match(/from "node:/g)).toBeNull();
  });

  /** More than it takes; isolates start faster the less there is. */
  test.each([
    ["index.ts", 13_312],
    ["cloudflare/index.ts", 16_384],
  ])("%s stays under %i bytes with its evaluator, minified and gzipped", async (name, limit) => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL(name, SOURCES))],
      bundle: true,
      conditions: ["pennon-source"],
      minify: true,
      format: "esm",
      target: "es2022",
      write: false,
    });
    const size = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
    console.info(`@pennon/worker ${name}: ${size} bytes, minified and gzipped`);

    expect(size).toBeLessThan(limit);
  });
});
