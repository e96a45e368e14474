/** What a page pays for the package: minified and gzipped, as a bundler makes it. */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const SOURCES = fileURLToPath(new URL("../src/", import.meta.url));

/** Entries, and how many bytes each may have at most. */
export const BUDGETS = /** @type {const} */ ({
  core: {
    entry: 'import { createClient } from "./index.ts"; createClient().boolean("f", false);',
    most: 2048,
  },
  page: {
    entry: `import { createClient, events, stream } from "./index.ts";
      createClient({ updates: stream(), events: events(), cache: () => localStorage });`,
    most: 3072,
  },
  everything: { entry: 'export * from "./index.ts";', most: 3584 },
});

/**
 * Return an entry's bundle, minified.
 *
 * @param {string} contents
 * @param {import("esbuild").BuildOptions} [options]
 * @returns {Promise<Uint8Array>}
 */
export async function bundle(contents, options) {
  const { outputFiles = [] } = await build({
    stdin: { contents, resolveDir: SOURCES, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    ...options,
    write: false,
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

/**
 * Return how many bytes travel.
 *
 * @param {Uint8Array} script
 */
export function sizeOf(script) {
  return gzipSync(script, { level: 9 }).length;
}
