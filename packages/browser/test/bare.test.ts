/** The package in runtimes that have no window: an app's, and a server's. */
import { createContext, runInContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { bundle } from "../scripts/sizes.mjs";
import { aPayload } from "./edge.ts";

/** What a shell for apps has beside the language. */
const SHELL = { TextEncoder, AbortController, setTimeout, clearTimeout };

async function run(program: string, more: object = {}): Promise<unknown> {
  const script = await bundle('export * from "./index.ts"', {
    format: "iife",
    globalName: "pennon",
  });
  const shell = createContext({ ...SHELL, ...more });
  runInContext(new TextDecoder().decode(script), shell);
  return await runInContext(`(async () => { ${program} })()`, shell);
}

describe("Where there is no window", () => {
  test("a client answers from what it was given", async () => {
    const payload = JSON.stringify(aPayload(7, { on: true }));
    const program = `
      const context = {targetingKey: "ada"};
      const client = pennon.createClient({context, bootstrap: ${payload}});
      return [typeof window, typeof document, client.boolean("on", false)];`;

    expect(await run(program)).toEqual(["undefined", "undefined", true]);
  });

  test("it asks with a mobile key, and tells of events when it is told to", async () => {
    const asked: [string, string][] = [];
    const fetch = async (url: string, { headers }: { headers: Record<string, string> }) => {
      asked.push([url, headers.authorization ?? ""]);
      return new Response(JSON.stringify(aPayload(7, { on: true })));
    };
    const program = `
      const {poll, events} = pennon;
      const context = {targetingKey: "ada"};
      const where = {url: "https://edge", key: "pnn_mob_1"};
      const client = pennon.createClient({...where, context, updates: poll(), events: events()});
      await client.ready();
      client.track("opened");
      await client.flush();
      return client.boolean("on", false);`;

    expect(await run(program, { fetch })).toBe(true);
    expect(asked).toEqual([
      ["https://edge/bootstrap/v1", "Bearer pnn_mob_1"],
      ["https://edge/events/v1", "Bearer pnn_mob_1"],
    ]);
  });
});
