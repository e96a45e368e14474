import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";

const SOURCES = new URL("../src/", import.meta.url);
/** More than it takes; isolates start faster the less there is. */
const LIMIT = 13_312;

describe("The worker runs on every platform", () => {
  test("asks for nothing that only Node has, outside node.ts", () => {
    const portable = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
      .filter(name => name.endsWith(".ts") && name !== "node.ts")
      .map(name => readFileSync(new URL(name, SOURCES), "utf8"));

    expect(portable.join("").match(/from "node:/g)).toBeNull();
  });

  test("stays under 13 KB with its evaluator, minified and gzipped", async () => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL("index.ts", SOURCES))],
      bundle: true,
      conditions: ["pennon-source"],
      minify: true,
      format: "esm",
      target: "es2022",
      write: false,
    });
    const size = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
    console.info(`@pennon/worker: ${size} bytes, minified and gzipped`);

    expect(size).toBeLessThan(LIMIT);
  });
});
