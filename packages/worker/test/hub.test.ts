import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { FlagHub } from "@pennon/worker/cloudflare";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { DurableState } from "../src/cloudflare/platform.ts";
import { regionOf } from "../src/cloudflare/region.ts";
import { load, save } from "../src/cloudflare/snapshots.ts";
import { History } from "../src/history.ts";
import type { Envelope } from "../src/replica.ts";
import { frameOf } from "../src/sse.ts";
import { aDatafile, aFlag, anAccess, EPOCH, SHOP } from "./builders.ts";

/** A Durable Object's state, without sockets: storage that outlives the object. */
class AState implements DurableState {
  readonly kept = new Map<string, unknown>();
  alarms = 0;
  loaded: Promise<unknown> = Promise.resolve();
  readonly storage = {
    get: async (keys: string | readonly string[]) =>
      typeof keys === "string"
        ? this.kept.get(keys)
        : new Map(keys.map(key => [key, this.kept.get(key)])),
    put: async (entries: object) => {
      for (const [key, value] of Object.entries(entries)) this.kept.set(key, value);
    },
    setAlarm: async () => {
      this.alarms++;
    },
  } as DurableState["storage"];
  blockConcurrencyWhile<T>(work: () => Promise<T>): Promise<T> {
    const done = work();
    this.loaded = done;
    return done;
  }
  acceptWebSocket(): void {}
  getWebSockets(): [] {
    return [];
  }
}

type Asked = Record<string, string | null>;

/** A parent that streams; it knows the environments that a test names. */
class AParent {
  readonly asked: Asked[] = [];
  readonly streams: ServerResponse[] = [];
  readonly #server: Server;
  readonly #held: ReadonlyMap<string, Envelope>;

  constructor(...held: readonly Envelope[]) {
    this.#held = new Map(held.map(envelope => [envelope.datafile.environment, envelope]));
    this.#server = createServer((incoming, outgoing) => void this.#stream(incoming, outgoing));
  }

  async start(): Promise<string> {
    await new Promise<void>(resolve => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #stream(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of incoming) body += chunk;
    const { environments } = JSON.parse(body) as { environments: Asked };
    this.asked.push(environments);
    const isThere = Object.keys(environments).every(name => this.#held.has(name));
    outgoing.writeHead(isThere ? 200 : 404, { "content-type": "text/event-stream" });
    if (!isThere) return void outgoing.end();
    this.streams.push(outgoing);
    for (const name of Object.keys(environments)) {
      const data = JSON.stringify(this.#held.get(name));
      outgoing.write(frameOf({ name: "full_sync", id: "", data }));
    }
  }
}

const parents: AParent[] = [];

async function aHub(parent: AParent, state = new AState(), names = SHOP): Promise<FlagHub> {
  parents.push(parent);
  const PENNON_URL = await parent.start();
  const hub = new FlagHub(state, {
    PENNON_URL,
    PENNON_RELAY_KEY: "a key",
    PENNON_ENVIRONMENTS: names,
  });
  await state.loaded;
  return hub;
}

afterEach(() => {
  for (const parent of parents.splice(0)) parent.stop();
});

function ask(hub: FlagHub, path: string): Promise<Response> {
  return hub.fetch(new Request(`http://hub/sync/v1/${path}`));
}

async function datafileOf(hub: FlagHub): Promise<Envelope> {
  return await vi.waitUntil(
    async () => {
      const answer = await ask(hub, `datafile?environment=${SHOP}`);
      return answer.ok && (answer.json() as Promise<Envelope>);
    },
    { timeout: 20_000, interval: 10 },
  );
}

const shop = (version = 1) => aDatafile({ f: aFlag({ version }) }, { version });

describe("A hub", () => {
  test("vouches for nothing before its stream has said where things stand", async () => {
    const hub = await aHub(new AParent(anAccess(), shop()));

    expect((await ask(hub, `datafile?environment=${SHOP}`)).status).toBe(503);
  });

  test("hands on what its stream brought, and what changed since", async () => {
    const parent = new AParent(anAccess(), shop());
    const hub = await aHub(parent);
    await datafileOf(hub);
    const wire = { environment: SHOP, epoch: EPOCH, version: 2, key: "f", flag: aFlag() };
    const frame = frameOf({ name: "flag_update", id: `${EPOCH}.2`, data: JSON.stringify(wire) });
    parent.streams[0]?.write(frame);
    await vi.waitUntil(async () => (await datafileOf(hub)).datafile.version === 2, 20_000);

    const after = (version: number) => ask(hub, `changes?environment=${SHOP}@${EPOCH}.${version}`);
    expect(await (await after(1)).text()).toBe(frame);
    expect(await (await after(2)).text()).toBe("");
    expect((await after(0)).status).toBe(410);
  });

  test("that begins anew asks for what changed since it last kept anything", async () => {
    const state = new AState();
    const first = await aHub(new AParent(anAccess(), shop()), state);
    await datafileOf(first);
    await first.alarm();
    const parent = new AParent(anAccess(), shop(2));
    const second = await aHub(parent, state);
    await vi.waitUntil(async () => (await datafileOf(second)).datafile.version === 2, 20_000);

    expect(parent.asked[0]).toEqual({ $access: `${EPOCH}.1`, [SHOP]: `${EPOCH}.1` });
  });

  test("is not cut off by an environment that is gone", async () => {
    const parent = new AParent(anAccess(), shop());
    const hub = await aHub(parent, new AState(), `${SHOP},shop/gone`);
    await datafileOf(hub);

    expect(parent.asked.map(asked => Object.keys(asked))).toEqual([
      ["$access", SHOP, "shop/gone"],
      ["$access"],
      ["$access", SHOP],
    ]);
    expect((await ask(hub, "datafile?environment=shop/gone")).status).toBe(503);
  });

  test("sets one alarm, however often it is asked", async () => {
    const state = new AState();
    const hub = await aHub(new AParent(anAccess(), shop()), state);
    await datafileOf(hub);
    await datafileOf(hub);

    expect(state.alarms).toBe(1);
  });
});

test("A datafile that is larger than a value is kept in parts.", async () => {
  const { storage } = new AState();
  const large = aDatafile({ f: { ...aFlag(), text: "é".repeat(2_000_000) } });
  await save(storage, large);

  expect(await load(storage, SHOP)).toEqual(large);
});

test("A history answers as far as it goes back.", () => {
  const history = new History();
  history.restart({ epoch: EPOCH, version: 0 });
  for (let version = 1; version <= 501; version++) history.add({ epoch: EPOCH, version }, "x");

  expect(history.after({ epoch: EPOCH, version: 0 })).toBeUndefined();
  expect(history.after({ epoch: EPOCH, version: 1 })).toBe("x".repeat(500));
  expect(history.after({ epoch: "another", version: 1 })).toBeUndefined();
});

test.each([
  [{ continent: "EU", longitude: "4.9" }, "weur"],
  [{ continent: "EU", longitude: "21.0" }, "eeur"],
  [{ continent: "NA", longitude: "-122.4" }, "wnam"],
  [{ continent: "AS", longitude: "55.3" }, "me"],
  [undefined, "enam"],
])("A request from %j asks the hub of its region: %s.", (place, region) => {
  expect(regionOf(place)).toBe(region);
});
