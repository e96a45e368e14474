import { fileURLToPath } from "node:url";
import { EdgeVM } from "@edge-runtime/vm";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { aDatafile, aFlag, anAccess, SERVER } from "./builders.ts";

/** A middleware as Vercel runs it, whose parent is in the program. */
const MIDDLEWARE = `
  import { handle, Tiers } from "@pennon/worker";
  const held = ${JSON.stringify({ access: anAccess(), shop: aDatafile({ f: aFlag() }) })};
  const ask = async path => Response.json(path.includes("access") ? held.access : held.shop);
  const flags = new Tiers({
    parents: [{ name: "parent", patienceMs: 1000, ask }],
    now: Date.now, maxAgeMs: 500, waitMs: 100, coldMs: 5000,
  });
  addEventListener("fetch", event => {
    const waitUntil = work => event.waitUntil(work);
    event.respondWith(handle(event.request, { flags, now: Date.now, waitUntil }));
  });
`;

test("Vercel's edge runtime answers as the handler does.", async () => {
  const { outputFiles } = await build({
    stdin: { contents: MIDDLEWARE, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    conditions: ["pennon-source"],
    format: "iife",
    target: "es2022",
    write: false,
  });
  const vm = new EdgeVM({ initialCode: outputFiles[0]?.text ?? "" });

  const answer = await vm.dispatchFetch("http://flags.example/ofrep/v1/evaluate/flags/f", {
    method: "POST",
    headers: { authorization: `Bearer ${SERVER}` },
    body: JSON.stringify({ context: { targetingKey: "ada" } }),
  });
  expect(await answer.json()).toMatchObject({ key: "f", value: true, reason: "STATIC" });
});
