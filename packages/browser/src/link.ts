/** What lies between a client and whatever keeps it up to date, and how it asks an edge. */

import type { Snapshot } from "./answer.ts";
import type { Context } from "./context.ts";
import type { Payload } from "./payload.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Where an edge is, and what opens it. */
export interface Edge {
  /** The address of an edge, such as `https://edge.example.com`. */
  readonly url?: string | undefined;
  /** A client key in a page, a mobile key in an app. */
  readonly key?: string | undefined;
  /** Needed where the key opens several: `shop/production`. */
  readonly environment?: string | undefined;
  /** What asks, where that is not to be `fetch`. */
  readonly fetch?: Fetch | undefined;
}

/** One context's way to be told of changes; it is over when *signal* says so. */
export interface Link {
  readonly edge: Edge;
  readonly context: Context;
  readonly signal: AbortSignal;
  /** Return what is held now, `state` and all. */
  held(): Snapshot;
  /** Take flags: all there are, or those that changed where *removed* names those that went. */
  take(payload: Payload, removed?: readonly string[]): void;
  /** Hear that the edge is there, or what went wrong. */
  heard(error?: unknown): void;
}

/** Keeps a client up to date until the link is over, which it may be already; returns at once. */
export type Updates = (link: Link) => unknown;

/** What goes wrong when an edge is asked; with a status where it answered. */
export interface Failure extends Error {
  readonly status?: number;
  /** When to come back. */
  readonly afterMs?: number;
}

/** Ask an edge. Rejects with a Failure. */
export async function ask(
  { url, key, environment, fetch = globalThis.fetch }: Edge,
  path: string,
  asked: object,
  headers?: Record<string, string> | false,
  signal: AbortSignal | null = null,
): Promise<Response> {
  const answer = await fetch(url + path, {
    method: "POST",
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      ...(environment && { "x-pennon-environment": environment }),
      ...headers,
    },
    body: JSON.stringify(asked),
    signal,
  });
  const { ok, status } = answer;
  if (ok || status === 304) return answer;
  const afterMs = Number(answer.headers.get("retry-after")) * 1000 || 0;
  throw Object.assign(new Error(`Pennon: ${status}`), { status, afterMs });
}

/** Return whether the edge will not give what it was asked for, however often that is. */
export function isRefused({ status = 500 }: Failure): boolean {
  return status < 429;
}

/**
 * Return how long to wait after so many tries that failed, the last with *failure*.
 *
 * Nobody comes back in step with others, nor before they were told to. A key that is refused may
 * be one that is not known yet, but asking for it often is no use.
 */
export function pause(tries: number, failure: Failure): number {
  const mostMs = isRefused(failure) ? 3_600_000 : 30_000;
  const { afterMs = 0 } = failure;
  return afterMs + Math.min(1000 * 2 ** tries, mostMs) * (0.5 + Math.random() / 2);
}

export function wait(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
