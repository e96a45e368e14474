import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { frameOf, type SseEvent } from "../src/sse.ts";
import { follow } from "../src/upstream.ts";
import { EPOCH, SHOP } from "./builders.ts";

type Answer = (outgoing: ServerResponse) => void;

let server: Server;
let url = "";
let requests: IncomingMessage[] = [];
/** What each connection is answered, in turn; the last one stays. */
let answers: Answer[] = [];
let following: AbortController;

beforeEach(async () => {
  requests = [];
  following = new AbortController();
  server = createServer((incoming, outgoing) => {
    requests.push(incoming);
    incoming.resume();
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(outgoing);
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  following.abort();
  server.closeAllConnections();
  server.close();
});

const beat: SseEvent = { name: "heartbeat", id: "", data: `{"environment":"${SHOP}"}` };

function start(onEvent: (event: SseEvent) => boolean): { statuses: number[]; over: Promise<void> } {
  const statuses: number[] = [];
  const over = follow({
    url,
    key: "a key",
    wanted: () => new Map([[SHOP, { epoch: EPOCH, version: 3 }]]),
    onEvent,
    onOpen: status => statuses.push(status),
    onEnd: () => {},
    signal: following.signal,
  });
  return { statuses, over };
}

const stays: Answer = outgoing => outgoing.writeHead(200).write(frameOf(beat));

describe("A follower of a stream", () => {
  test("asks with its key, for bytes that nobody packs", async () => {
    answers = [stays];
    const seen: SseEvent[] = [];
    start(event => seen.push(event) > 0);
    await vi.waitUntil(() => seen.length === 1, 20_000);

    expect(seen).toEqual([beat]);
    expect(requests[0]?.headers).toMatchObject({
      authorization: "Bearer a key",
      "accept-encoding": "identity",
    });
  });

  test.each<[string, Answer]>([
    ["is cut off", outgoing => outgoing.destroy()],
    ["is refused", outgoing => outgoing.writeHead(503).end()],
    ["is told goodbye", outgoing => outgoing.writeHead(200).write("event: goodbye\ndata: {}\n\n")],
  ])("that %s comes back", async (_, answer) => {
    answers = [answer, stays];
    const seen: SseEvent[] = [];
    start(event => seen.push(event) > 0);
    await vi.waitUntil(() => seen.length === 1, 20_000);

    expect(requests).toHaveLength(2);
  });

  test("that finds a gap asks again", async () => {
    answers = [stays];
    const { statuses } = start(() => false);
    await vi.waitUntil(() => requests.length === 2, 20_000);

    expect(statuses[0]).toBe(200);
  });

  test("ends when it is told to", async () => {
    answers = [stays];
    const seen: SseEvent[] = [];
    const { over } = start(event => seen.push(event) > 0);
    await vi.waitUntil(() => seen.length === 1, 20_000);
    following.abort();

    await expect(over).resolves.toBeUndefined();
  });
});
