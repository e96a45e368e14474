/** Bundles each page's program into the folder given, and prints what each takes, as JSON. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";

const PAGES = fileURLToPath(new URL("pages/", import.meta.url));
const [, , folder = "."] = process.argv;

const sizes = {};
for (const file of readdirSync(PAGES)) {
  if (file === "flags.mjs") continue;
  const { outputFiles } = await build({
    entryPoints: [join(PAGES, file)],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    conditions: ["pennon-source"],
    write: false,
  });
  const name = file.replace(".mjs", "");
  const [{ contents }] = outputFiles;
  writeFileSync(join(folder, `${name}.js`), contents);
  sizes[name] = {
    min: contents.length,
    gzip: gzipSync(contents, { level: 9 }).length,
    brotli: brotliCompressSync(contents).length,
  };
}
console.log(JSON.stringify(sizes));
