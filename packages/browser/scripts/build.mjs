/** Writes `dist/pennon.js`, for a script tag: `pennon.createClient(…)`. Fails when it grew too large. */
import { writeFile } from "node:fs/promises";
import { BUDGETS, bundle, sizeOf } from "./sizes.mjs";

const script = await bundle(BUDGETS.everything.entry, { format: "iife", globalName: "pennon" });
for (const [name, { entry, most }] of Object.entries(BUDGETS)) {
  const size = sizeOf(await bundle(entry));
  console.log(`${name}: ${size} of ${most} bytes`);
  if (size > most) process.exitCode = 1;
}
await writeFile(new URL("../dist/pennon.js", import.meta.url), script);
