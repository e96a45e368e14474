import { createClient, events, type Options } from "@pennon/browser";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ADA, Edge, settled } from "./edge.ts";

const NOW = 1_795_348_800_000;
const BOOTSTRAP = {
  flags: {
    told: { value: true, variation: 1, track: true, ruleId: "r1" },
    silent: { value: true, variation: 0 },
  },
};

const taken = () => new Response("{}", { status: 202 });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await settled();
}

function aClient(edge: Edge, options: Options = {}) {
  const { fetch } = edge;
  const where = { url: "https://edge", key: "k" };
  const what = { context: ADA, bootstrap: BOOTSTRAP, events: events() };
  return createClient({ ...where, ...what, fetch, ...options });
}

/** Return the events of each request, without their times. */
function told(edge: Edge): unknown[][] {
  return edge.asked.map(({ body }) =>
    (body.events as { at: number }[]).map(({ at: _, ...event }) => event),
  );
}

describe("An exposure", () => {
  const exposure = { kind: "exposure", flag: "told", variation: 1, ruleId: "r1" };

  test("is told of a flag that is used, if it is to be", async () => {
    const edge = new Edge(taken());
    const client = aClient(edge);
    client.boolean("silent", false);
    client.boolean("none", false);
    client.boolean("told", false);
    await client.flush();

    expect(told(edge)).toEqual([[exposure]]);
  });

  test("is none where the caller got the default", async () => {
    const edge = new Edge(taken());
    const client = aClient(edge);
    client.string("told", "");
    await client.flush();

    expect(edge.asked).toEqual([]);
  });

  test("is told of once for a context", async () => {
    const edge = new Edge(taken());
    const client = aClient(edge);
    client.boolean("told", false);
    client.boolean("told", false);
    await client.flush();
    client.boolean("told", false);
    client.setContext({ targetingKey: "ben" }, BOOTSTRAP);
    client.boolean("told", false);
    await client.flush();

    expect(told(edge)).toEqual([[exposure], [exposure]]);
  });
});

describe("Events", () => {
  test("are told together, of kinds and keys alone", async () => {
    const edge = new Edge(taken());
    const client = aClient(edge);
    client.track("purchase", 9.5, { currency: "EUR" });
    await pass(4000);
    client.track("left");
    await pass(1000);

    expect(edge.asked).toMatchObject([
      {
        url: "https://edge/events/v1",
        headers: { authorization: "Bearer k" },
        body: {
          id: expect.stringMatching(/^[\w-]{16,64}$/),
          sentAt: NOW + 5000,
          events: [
            {
              kind: "custom",
              name: "purchase",
              value: 9.5,
              properties: { currency: "EUR" },
              at: NOW,
            },
            { kind: "custom", name: "left", at: NOW + 4000 },
          ],
        },
      },
    ]);
    expect(edge.asked[0]?.body.context).toEqual({ kind: "multi", user: { key: "ada" } });
  });

  test("are told of whom they happened to", async () => {
    const edge = new Edge(taken());
    const client = aClient(edge);
    client.track("before");
    client.setContext({
      kind: "multi",
      user: { key: "ben" },
      organization: { key: "acme", size: 3 },
    });
    client.track("after");
    await client.flush();

    expect(edge.asked.map(({ body }) => body.context)).toEqual([
      { kind: "multi", user: { key: "ada" } },
      { kind: "multi", user: { key: "ben" }, organization: { key: "acme" } },
    ]);
  });

  test("are told again by the same name until they are taken", async () => {
    const busy = new Response("", { status: 503, headers: { "retry-after": "7" } });
    const edge = new Edge(new TypeError("no network"), busy, taken());
    const client = aClient(edge);
    client.track("a");
    await client.flush();
    await pass(1000);
    await pass(7000 + 2000);
    await pass(60_000);
    const ids = edge.asked.map(({ body }) => body.id);

    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
  });

  test("that are refused are forgotten", async () => {
    const edge = new Edge(new Response("", { status: 400 }), taken());
    const client = aClient(edge);
    client.track("a");
    await client.flush();
    client.track("b");
    await client.flush();

    expect(told(edge)).toEqual([[{ kind: "custom", name: "a" }], [{ kind: "custom", name: "b" }]]);
  });

  test("that cannot be told are kept, the newest of them", async () => {
    const edge = new Edge(new TypeError("no network"));
    const client = aClient(edge);
    for (let number = 0; number < 2100; number++) client.track("a", number);
    await client.flush();

    expect(told(edge)[0]).toHaveLength(100);
    expect(told(edge)[0]?.[0]).toEqual({ kind: "custom", name: "a", value: 100 });
  });

  test("are told when the client is closed", async () => {
    const edge = new Edge(taken());
    const client = aClient(edge);
    client.track("a");
    client.close();
    await settled();

    expect(edge.asked).toHaveLength(1);
  });

  test("are nobody's concern where there are none", async () => {
    const client = createClient({ bootstrap: BOOTSTRAP });
    client.track("a");
    await client.flush();

    expect(client.boolean("told", false)).toBe(true);
  });
});

describe("A page that is left", () => {
  function aPage(isTaken = true) {
    const listeners: Record<string, () => void> = {};
    const beacons: [string, Record<string, unknown>][] = [];
    vi.stubGlobal("addEventListener", (type: string, listener: () => void) => {
      listeners[type] = listener;
    });
    vi.stubGlobal("navigator", {
      sendBeacon: (url: string, body: string) => {
        beacons.push([url, JSON.parse(body)]);
        return isTaken;
      },
    });
    return { beacons, leave: (type: string) => listeners[type]?.() };
  }

  test.each(["pagehide", "visibilitychange"])("tells the rest by a beacon: %s", async type => {
    const { beacons, leave } = aPage();
    const edge = new Edge(taken());
    const client = aClient(edge, { environment: "shop/production" });
    client.track("a");
    leave(type);
    await pass(60_000);

    expect(beacons).toMatchObject([
      [
        "https://edge/events/v1",
        { key: "k", environment: "shop/production", events: [{ name: "a" }] },
      ],
    ]);
    expect(edge.asked).toEqual([]);
  });

  test("tells again what is under way, by the same name", async () => {
    const { beacons, leave } = aPage();
    const edge = new Edge(taken());
    const client = aClient(edge);
    client.track("a");
    const telling = client.flush();
    leave("pagehide");
    await telling;

    expect(beacons.map(([, { id }]) => id)).toEqual(edge.asked.map(({ body }) => body.id));
  });

  test("keeps what the browser does not take", async () => {
    const { leave } = aPage(false);
    const edge = new Edge(taken());
    const client = aClient(edge);
    client.track("a");
    leave("visibilitychange");
    await pass(5000);

    expect(edge.asked).toHaveLength(1);
  });
});
