import { createClient, type Options, poll } from "@pennon/browser";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ADA, aPayload, Edge, settled } from "./edge.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await settled();
}

function anAnswer(version: number, values: Record<string, unknown>): Response {
  const headers = { etag: `"tag-${version}"` };
  return new Response(JSON.stringify(aPayload(version, values)), { headers });
}

async function aClient(edge: Edge, everyMs?: number, options: Options = {}) {
  const { fetch } = edge;
  const updates = poll(everyMs);
  const client = createClient({ url: "https://edge", context: ADA, updates, fetch, ...options });
  await pass(0);
  return client;
}

describe("Polling", () => {
  test("asks once where no more is wanted", async () => {
    const edge = new Edge(anAnswer(7, { n: 7 }));
    const client = await aClient(edge);
    await pass(1e9);

    expect(edge.asked).toMatchObject([
      { url: "https://edge/bootstrap/v1", body: { context: ADA } },
    ]);
    expect(client.detail("n", 0)).toMatchObject({ value: 7, source: "edge" });
  });

  test("asks nothing where the page brought all that is wanted", async () => {
    const edge = new Edge(anAnswer(7, { n: 7 }));
    await aClient(edge, 0, { bootstrap: aPayload(7, { n: 7 }) });
    await pass(1e9);

    expect(edge.asked).toEqual([]);
  });

  test("asks again for what it does not have yet", async () => {
    const same = new Response(null, { status: 304 });
    const edge = new Edge(anAnswer(7, { n: 7 }), same, anAnswer(8, { n: 8 }));
    const client = await aClient(edge, 60_000);
    await pass(60_000);
    const unchanged = client.number("n", 0);
    await pass(60_000);
    client.close();

    expect([unchanged, client.number("n", 0)]).toEqual([7, 8]);
    expect(edge.asked.map(({ headers }) => headers["if-none-match"])).toEqual([
      undefined,
      '"tag-7"',
      '"tag-7"',
    ]);
  });

  test("keeps what there is while nobody answers, and asks on", async () => {
    const edge = new Edge(new TypeError("no network"), anAnswer(7, { n: 7 }));
    const client = await aClient(edge);
    const stale = client.getSnapshot().stale;
    await pass(1000);

    expect([stale, client.number("n", 0), client.getSnapshot().stale]).toEqual([true, 7, false]);
  });

  test("ends when the client is closed", async () => {
    const edge = new Edge(anAnswer(7, {}));
    const client = await aClient(edge, 1000);
    client.close();
    await pass(5000);

    expect(edge.asked).toHaveLength(1);
  });
});
