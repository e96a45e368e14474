import { createClient, type Options, stream } from "@pennon/browser";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ADA, anEvent, aPayload, Edge, Stream, settled } from "./edge.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function aClient(edge: Edge, options: Options = {}) {
  const { fetch } = edge;
  const url = "https://edge";
  return createClient({ url, key: "k", context: ADA, updates: stream(), fetch, ...options });
}

/** Let *ms* pass, and return once what was due is done. */
async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await settled();
}

const put = (version: number, values: Record<string, unknown>) =>
  anEvent("put", aPayload(version, values), `state-${version}`);

describe("A stream", () => {
  test("is asked for with the key, the environment and the context", async () => {
    const edge = new Edge(new Stream().answer);
    const client = aClient(edge, { environment: "shop/production" });
    await settled();
    client.close();

    expect(edge.asked).toMatchObject([
      {
        url: "https://edge/client/v1/stream",
        headers: {
          accept: "text/event-stream",
          authorization: "Bearer k",
          "content-type": "application/json",
          "x-pennon-environment": "shop/production",
        },
        body: { context: ADA },
      },
    ]);
  });

  test("may come in pieces, cut anywhere", async () => {
    const opened = new Stream();
    const client = aClient(new Edge(opened.answer));
    await settled();
    for (const sign of put(7, { s: "a b" }).replaceAll("\n", "\r\n")) await opened.say(sign);
    client.close();

    expect(client.string("s", "")).toBe("a b");
  });

  test("holds comments, which say that the edge is there", async () => {
    const opened = new Stream();
    const edge = new Edge(opened.answer);
    const client = aClient(edge);
    await settled();
    for (let times = 0; times < 5; times++) {
      await pass(20_000);
      await opened.say(":\n\n");
    }
    const { stale } = client.getSnapshot();
    client.close();

    expect([edge.asked.length, stale]).toEqual([1, false]);
  });

  test("that falls silent is opened again", async () => {
    const edge = new Edge(new Stream().answer, new Stream().answer);
    const client = aClient(edge);
    await settled();
    await pass(25_000);
    client.close();

    expect(edge.asked[0]?.signal?.aborted).toBe(true);
  });

  test("that ends is opened again, and goes on from what was told", async () => {
    const [first, second] = [new Stream(), new Stream()];
    const edge = new Edge(first.answer, second.answer);
    const client = aClient(edge);
    await settled();
    await first.say(put(7, { n: 7 }));
    await first.end();
    const lost = client.getSnapshot().stale;
    await pass(1000);
    const found = client.getSnapshot().stale;
    client.close();

    expect([lost, found]).toEqual([true, false]);
    expect(edge.asked[1]?.body).toEqual({ context: ADA, since: "state-7" });
    expect(client.number("n", 0)).toBe(7);
  });

  test("is opened again when a node that stops said, and nothing is stale", async () => {
    const [first, second] = [new Stream(), new Stream()];
    const edge = new Edge(first.answer, second.answer);
    const client = aClient(edge);
    await settled();
    await first.say(put(7, {}) + anEvent("goodbye", { retryAfterMs: 5000 }));
    await pass(4999);
    const before = edge.asked.length;
    const { stale } = client.getSnapshot();
    await pass(1);
    client.close();

    expect([before, stale, edge.asked.length]).toEqual([1, false, 2]);
  });

  test("is not asked for before a seat may be free", async () => {
    const busy = new Response("", { status: 429, headers: { "retry-after": "60" } });
    const edge = new Edge(busy, new Stream().answer);
    const client = aClient(edge);
    await settled();
    await pass(60_000);
    const before = edge.asked.length;
    await pass(1000);
    client.close();

    expect([before, edge.asked.length]).toEqual([1, 2]);
  });

  test.each([
    ["a network that fails", new TypeError("no network"), 30_000],
    ["an edge that fails", new Response("", { status: 500 }), 30_000],
    ["a key that is refused", new Response("", { status: 401 }), 3_600_000],
  ])("is asked for ever more slowly: %s", async (_, answer, most) => {
    const edge = new Edge(answer);
    const errors: unknown[] = [];
    const client = aClient(edge, { onError: error => errors.push(error) });
    await settled();
    for (let tries = 0; tries < 15; tries++) await pass(1000 * 2 ** tries);
    const before = edge.asked.length;
    await pass(most / 2 - 1);
    const after = edge.asked.length;
    client.close();

    expect(after - before).toBeLessThanOrEqual(1);
    expect(errors).toHaveLength(after);
    expect(client.boolean("any", true)).toBe(true);
  });

  test("of the context before is closed, and is not opened again", async () => {
    const [first, second] = [new Stream(), new Stream()];
    const edge = new Edge(first.answer, second.answer);
    const client = aClient(edge);
    await settled();
    await first.say(put(7, { n: 7 }));
    client.setContext({ targetingKey: "ben" });
    await settled();
    await first.end();
    await second.say(put(5, { n: 5 }));
    await pass(30_000);
    client.close();

    expect(edge.asked[0]?.signal?.aborted).toBe(true);
    expect(edge.asked[1]?.body).toEqual({ context: { targetingKey: "ben" } });
    expect(client.number("n", 0)).toBe(5);
  });

  test("that says what cannot be read is opened again", async () => {
    const [first, second] = [new Stream(), new Stream()];
    const edge = new Edge(first.answer, second.answer);
    const client = aClient(edge, { bootstrap: aPayload(7, { n: 7 }) });
    await settled();
    await first.say("event: put\ndata: {\n\n");
    await pass(1000);
    client.close();

    expect([edge.asked.length, client.number("n", 0)]).toEqual([2, 7]);
  });
});
