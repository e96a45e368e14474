/** Loads the evaluator from its sources: nothing to build first, and nothing stale to run. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * Return the evaluator's module, bundled and minified in memory.
 *
 * @returns {Promise<typeof import("@pennon/evaluator")>}
 */
export async function loadEvaluator() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../src/index.ts", import.meta.url))],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  const source = Buffer.from(outputFiles[0]?.contents ?? []).toString("base64");
  return import(`data:text/javascript;base64,${source}`);
}
