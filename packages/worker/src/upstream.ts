/** Follows a parent's stream, for ever: events as they come, and a new connection after each end. */
import { type Position, written } from "./position.ts";
import { type SseEvent, SseParser } from "./sse.ts";

/** A parent comments every 10 s: one that says nothing for this long is gone. */
const IDLE_MS = 25_000;
const SHORTEST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A connection that lived this long was a good one. */
const HEALTHY_MS = 60_000;

export interface Upstream {
  readonly url: string;
  readonly key: string;
  /** What to ask for at this moment, and the position held of each. */
  readonly wanted: () => ReadonlyMap<string, Position | undefined>;
  /** Told each event; returns whether to go on with this connection. */
  readonly onEvent: (event: SseEvent) => boolean;
  /** Told that a connection is there, and with which status. */
  readonly onOpen: (status: number) => void;
  readonly onEnd: () => void;
  readonly signal: AbortSignal;
}

/** Follow until the signal says to end. Never throws. */
export async function follow(upstream: Upstream): Promise<void> {
  let wait = SHORTEST_WAIT_MS;
  while (!upstream.signal.aborted) {
    const began = Date.now();
    let wish = 0;
    try {
      wish = await readStream(upstream);
    } catch {
      // Whatever ended it, another connection is the answer.
    }
    upstream.onEnd();
    if (Date.now() - began > HEALTHY_MS) wait = SHORTEST_WAIT_MS;
    await pause(wish + Math.random() * wait, upstream.signal);
    wait = Math.min(2 * wait, LONGEST_WAIT_MS);
  }
}

/** Read one connection to its end; return for how long the parent wishes us to stay away. */
async function readStream(upstream: Upstream): Promise<number> {
  const connection = new AbortController();
  const end = () => connection.abort();
  upstream.signal.addEventListener("abort", end, { once: true });
  let idle = setTimeout(end, IDLE_MS);
  try {
    const answer = await fetch(`${upstream.url.replace(/\/$/, "")}/sync/v1/stream`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${upstream.key}`,
        "content-type": "application/json",
        // There are runtimes that hold back small pieces of what is compressed.
        "accept-encoding": "identity",
      },
      body: JSON.stringify({ environments: Object.fromEntries(named(upstream.wanted())) }),
      signal: connection.signal,
    });
    upstream.onOpen(answer.status);
    if (!answer.ok || !answer.body) {
      return 1_000 * Number(answer.headers.get("retry-after") ?? 0) || 0;
    }
    const parser = new SseParser();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      clearTimeout(idle);
      idle = setTimeout(end, IDLE_MS);
      for (const event of parser.feed(read.value)) {
        if (event.name === "goodbye") return Number(JSON.parse(event.data).retryAfterMs) || 0;
        if (!upstream.onEvent(event)) return 0;
      }
    }
    return 0;
  } finally {
    clearTimeout(idle);
    upstream.signal.removeEventListener("abort", end);
    end();
  }
}

function named(wanted: ReadonlyMap<string, Position | undefined>): [string, string | null][] {
  return [...wanted].map(([name, position]) => [name, position ? written(position) : null]);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>(resolve => {
    setTimeout(resolve, ms);
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
