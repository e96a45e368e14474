import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Lease } from "../src/cloudflare/lease.ts";
import { Memory } from "../src/memory.ts";
import type { Envelope } from "../src/replica.ts";
import { frameOf } from "../src/sse.ts";
import { aDatafile, aFlag, anAccess, SHOP } from "./builders.ts";

/** A hub whose sockets a test holds; while it is not there, it gives none. */
class AHub {
  readonly sockets: ASocket[] = [];
  readonly asked: string[] = [];
  isThere = true;
  readonly fetch = async (address: string): Promise<Response> => {
    this.asked.push(decodeURIComponent(address));
    if (!this.isThere) return new Response(null, { status: 503 });
    const socket = new ASocket();
    this.sockets.push(socket);
    return { status: 101, webSocket: socket } as unknown as Response;
  };
}

class ASocket extends EventTarget {
  isClosed = false;
  accept(): void {
    for (const envelope of [anAccess(), aDatafile({ f: aFlag() })]) this.bring(envelope);
  }
  bring(envelope: Envelope): void {
    const { environment, epoch, version } = envelope.datafile;
    const beat = JSON.stringify({ environment, epoch, version });
    this.say(
      frameOf({ name: "full_sync", id: "", data: JSON.stringify(envelope) }) +
        frameOf({ name: "heartbeat", id: "", data: beat }),
    );
  }
  say(data: string): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.dispatchEvent(new Event("close"));
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function aLease(): { hub: AHub; memory: Memory; renew(): Promise<void>; work: Promise<unknown>[] } {
  const hub = new AHub();
  const memory = new Memory();
  const lease = new Lease(memory, [SHOP]);
  const work: Promise<unknown>[] = [];
  const renew = () => lease.renew(hub, promise => void work.push(promise), 150);
  return { hub, memory, renew, work };
}

async function pass(seconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(1_000 * seconds);
}

describe("A lease", () => {
  test("fills memory before the first request is answered", async () => {
    const { memory, renew } = aLease();
    await renew();

    expect(memory.open(SHOP).replica.position?.version).toBe(1);
    expect(memory.open(SHOP).streamedUntil).toBeGreaterThan(Date.now());
  });

  test("is held by one socket for 20 s, however many requests come", async () => {
    const { hub, renew } = aLease();
    await renew();
    await pass(19.9);
    await renew();

    expect(hub.sockets).toHaveLength(1);
  });

  test("is renewed while the old one still brings changes, from where memory stands", async () => {
    const { hub, renew } = aLease();
    await renew();
    await pass(20);
    await renew();

    expect(hub.sockets.map(({ isClosed }) => isClosed)).toEqual([false, false]);
    expect(hub.asked[1]).toContain(`environment=${SHOP}@`);
  });

  test("ends after 25 s: the platform would end it after 30", async () => {
    const { hub, memory, renew, work } = aLease();
    await renew();
    await pass(25);
    await Promise.all(work);

    expect(hub.sockets[0]?.isClosed).toBe(true);
    expect(memory.open(SHOP).streamedUntil).toBe(0);
  });

  test("that is renewed leaves no gap when the old one ends", async () => {
    const { memory, renew } = aLease();
    await renew();
    await pass(20);
    await renew();
    await pass(6);

    expect(memory.open(SHOP).streamedUntil).toBeGreaterThan(Date.now());
  });

  test("that breaks is not trusted from then on, and asked for again after a second", async () => {
    const { hub, memory, renew, work } = aLease();
    await renew();
    hub.sockets[0]?.close();
    await Promise.all(work);
    await renew();
    const before = hub.sockets.length;
    await pass(1);
    await renew();

    expect(memory.open(SHOP).checkedAt).toBeGreaterThan(0);
    expect([before, hub.sockets.length]).toEqual([1, 2]);
  });

  test("that is not given keeps nobody waiting", async () => {
    const { hub, memory, renew } = aLease();
    hub.isThere = false;
    await renew();

    expect(memory.open(SHOP).replica.position).toBeUndefined();
  });

  test("ends where it brings what cannot follow on what there is", async () => {
    const { hub, renew } = aLease();
    await renew();
    const data = JSON.stringify({ environment: SHOP, epoch: "9".repeat(13), version: 9, key: "f" });
    hub.sockets[0]?.say(frameOf({ name: "flag_update", id: "", data }));

    expect(hub.sockets[0]?.isClosed).toBe(true);
  });
});
