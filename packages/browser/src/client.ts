/** A client: what one context's flags serve, from what the page brought, and then from the edge. */
import { type Answer, read, type Snapshot } from "./answer.ts";
import { readBootstrap } from "./bootstrap.ts";
import { type Context, contextHash } from "./context.ts";
import type { Events, Properties } from "./events.ts";
import type { KeyOf, ValueOf } from "./keys.ts";
import type { Edge, Updates } from "./link.ts";
import { afterPaint } from "./paint.ts";
import { type Flag, isOlder, type Payload } from "./payload.ts";

export interface Options extends Edge {
  /** For whom flags are asked. Without one the page's answers are taken as they are, for good. */
  readonly context?: Context | undefined;
  /** What the page brings; by default what stands in it. */
  readonly bootstrap?: Payload | undefined;
  /** How to be told of changes: `stream()` or `poll()`. */
  readonly updates?: Updates | undefined;
  /** Where the next visit finds what this one had: `() => localStorage`. */
  readonly cache?: (() => Pick<Storage, "getItem" | "setItem">) | undefined;
  /** How exposures and events are told: `events()`. */
  readonly events?: Events | undefined;
  /** Is called with whatever went wrong: nothing is ever thrown. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

export interface Client {
  boolean(flag: KeyOf<boolean>, fallback: boolean): boolean;
  string<Key extends KeyOf<string>>(flag: Key, fallback: string): ValueOf<Key, string>;
  number(flag: KeyOf<number>, fallback: number): number;
  json<Key extends KeyOf<unknown>, T>(flag: Key, fallback: T): ValueOf<Key, T>;
  /** Return a flag's value and where it is from; the default says the type, an object any. */
  detail<T>(flag: KeyOf<unknown>, fallback: T): Answer<T>;
  /** Tell that something happened to the context: a purchase of *value*, a page shown. */
  track(event: string, value?: number, properties?: Properties): void;
  /** Tell now what was used and tracked. */
  flush(): Promise<void>;
  /** Ask for another context, which the page may bring; return what `ready` does. */
  setContext(context: Context, bootstrap?: Payload): Promise<boolean>;
  /** Wait until something is known, at most *timeoutMs*; return whether it is. */
  ready(timeoutMs?: number): Promise<boolean>;
  /** Call *listener* whenever the snapshot is another; return the undo. */
  subscribe(listener: () => void): () => void;
  /** Return all that is known: the same object until something changes. */
  getSnapshot(): Snapshot;
  /** Follow no more, and tell what is left to tell; what is known goes on being served. */
  close(): void;
}

/** Return a client that answers at once, and asks nobody before *updates* does. */
export function createClient(options: Options = {}): Client {
  const { updates, cache, onError } = options;
  const listeners = new Set<() => void>();
  const place = `pennon ${options.environment ?? ""} ${options.key}`;
  let { context } = options;
  let now: Snapshot;
  let following: AbortController | undefined;

  /** Do what may fail without the page's knowing. */
  function attempt<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      onError?.(error);
      return undefined;
    }
  }

  function move(next: Snapshot): void {
    now = next;
    listeners.forEach(attempt);
  }

  function begin(brought: Payload | undefined): void {
    following?.abort();
    const hash = attempt(() => context && contextHash(context));
    const isOurs = (payload: Payload | undefined): payload is Payload =>
      !!payload?.flags && (!context || (payload.contextHash ?? hash) === hash);
    let held = brought;
    let source: Snapshot["source"] = "bootstrap";
    if (!isOurs(held)) {
      held = attempt(() => cache && JSON.parse(cache().getItem(place) ?? "{}"));
      source = "cache";
    }
    const stale = !!updates && source !== "bootstrap";
    move(isOurs(held) ? { ...held, source, stale } : { flags: {}, stale });
    if (updates && context) follow(updates, context, hash);
  }

  function follow(updates: Updates, context: Context, contextHash: string | undefined): void {
    following = new AbortController();
    const { signal } = following;
    const heard = (error?: unknown) => {
      if (signal.aborted) return;
      if (error) onError?.(error);
      if (now.stale !== !!error) move({ ...now, stale: !!error });
    };
    const take = (payload: Payload, removed?: readonly string[]) => {
      if (signal.aborted || isOlder(payload, now)) return;
      const flags: Record<string, Flag> = { ...(removed && now.flags), ...payload.flags };
      for (const flag of removed ?? []) delete flags[flag];
      const held = { ...payload, flags, contextHash };
      move({ ...held, source: "edge", stale: false });
      attempt(() => cache?.().setItem(place, JSON.stringify(held)));
    };
    const link = { edge: options, context, signal, held: () => now, take, heard };
    const start = () => attempt(() => updates(link));
    if (now.source === "bootstrap") afterPaint(start);
    else start();
  }

  const recorder = attempt(() => options.events?.(options, () => context));

  function detail<T>(flag: string, fallback: T, any?: boolean): Answer<T> {
    const { track, ...answer } = read(now, flag, fallback, any);
    if (track) attempt(() => recorder?.expose(answer));
    return answer;
  }

  function value<T>(flag: string, fallback: T): T {
    return detail(flag, fallback).value;
  }

  function subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  async function ready(timeoutMs = 10_000): Promise<boolean> {
    let undo: (() => void) | undefined;
    if (!now.source) {
      await new Promise<void>(resolve => {
        undo = subscribe(() => now.source && resolve());
        setTimeout(resolve, timeoutMs);
      });
    }
    undo?.();
    return !!now.source;
  }

  begin(options.bootstrap ?? attempt(readBootstrap));

  return {
    boolean: value,
    string: value as Client["string"],
    number: value,
    json: ((flag, fallback) => detail(flag, fallback, true).value) as Client["json"],
    detail,
    track: (...event) => attempt(() => recorder?.track(...event)),
    flush: async () => recorder?.flush(),
    setContext: (next, bootstrap) => {
      context = next;
      begin(bootstrap);
      return ready();
    },
    ready,
    subscribe,
    getSnapshot: () => now,
    close: () => {
      following?.abort();
      recorder?.flush();
    },
  };
}
