/**
 * The hub of a region: a Durable Object that holds the one stream of it and feeds its isolates.
 *
 * An alarm every 20 s keeps it from being evicted, since what a stream brings is no event to the
 * platform, and restarts the stream where it ended. Without isolates it lets go.
 */
import { History } from "../history.ts";
import { ACCESS, type Position, positionOf, written } from "../position.ts";
import { environmentOf, messageOf, Replica } from "../replica.ts";
import { frameOf, type SseEvent } from "../sse.ts";
import { follow } from "../upstream.ts";
import type { DurableState, Env, HubSocket } from "./platform.ts";
import { load, save } from "./snapshots.ts";

/** A pair of connected sockets: one end is answered, the other accepted. */
declare const WebSocketPair: new () => { readonly 0: HubSocket; readonly 1: HubSocket };

const ALARM_MS = 20_000;
/** How long a hub goes on without being asked for anything. */
const LINGER_MS = 600_000;
/** How long it may be without its stream before isolates are sent elsewhere. */
const OUT_OF_TOUCH_MS = 5_000;

interface Followed {
  readonly replica: Replica;
  readonly history: History;
  /** Whether the parent has said, on this connection, that this is the newest. */
  isCurrent: boolean;
  isSaved: boolean;
}

export class FlagHub {
  readonly #state: DurableState;
  readonly #env: Env;
  readonly #followed: ReadonlyMap<string, Followed>;
  #following: AbortController | undefined;
  #askedAt = Date.now();
  #lostAt = Date.now();
  #isOpen = false;
  /** Whether the parent refused what was asked: `$access` says what may be. */
  #isShy = false;
  /** What this connection was asked for. */
  #asked: readonly string[] = [];

  constructor(state: DurableState, env: Env) {
    this.#state = state;
    this.#env = env;
    const names = [ACCESS, ...environmentsOf(env)];
    this.#followed = new Map(names.map(name => [name, newlyFollowed(name)]));
    void state.blockConcurrencyWhile(async () => {
      for (const [name, { replica, history }] of this.#followed) {
        const kept = await load(state.storage, name);
        if (kept) replica.receive({ name: "full_sync", wire: kept });
        if (replica.position) history.restart(replica.position);
      }
    });
  }

  /** Answer what an isolate asks: a lease, changes after a position, or a whole datafile. */
  async fetch(request: Request): Promise<Response> {
    this.#askedAt = Date.now();
    if (!this.#following) await this.#start();
    const { pathname, searchParams } = new URL(request.url);
    const asked = searchParams.getAll("environment").map(text => text.split("@"));
    const wanted = asked.map(([name = "", at = ""]) => [name, positionOf(at)] as const);
    // A lease is worth having without an environment that is gone, but not without the keys.
    const [[name, at] = [""]] = pathname === "/lease" ? [[ACCESS] as const] : wanted;
    const followed = this.#followed.get(name);
    if (!followed) return new Response(null, { status: 404 });
    if (!this.#canVouchFor(followed)) {
      return new Response(null, { status: 503, headers: { "retry-after": "1" } });
    }
    if (pathname === "/lease") return this.#lease(new Map(wanted));
    if (pathname === "/sync/v1/datafile") return Response.json(followed.replica.envelope());
    const frames = at && lackedBy(followed, at);
    return new Response(frames ?? null, { status: frames === undefined ? 410 : 200 });
  }

  async alarm(): Promise<void> {
    await this.#save();
    if (Date.now() - this.#askedAt <= LINGER_MS) {
      await this.#start();
      return;
    }
    this.#following?.abort();
    this.#following = undefined;
  }

  webSocketMessage(): void {
    // Isolates say nothing; they come and go.
  }

  webSocketClose(socket: HubSocket): void {
    socket.close();
  }

  /** Follow, if nobody does yet, and have an alarm set: a second call costs a write. */
  async #start(): Promise<void> {
    if (!this.#following) this.#follow();
    await this.#state.storage.setAlarm(Date.now() + ALARM_MS);
  }

  #follow(): void {
    const following = new AbortController();
    this.#following = following;
    void follow({
      url: this.#env.PENNON_URL,
      key: this.#env.PENNON_RELAY_KEY,
      wanted: () => {
        this.#asked = this.#wanted();
        return new Map(this.#asked.map(name => [name, this.#followed.get(name)?.replica.position]));
      },
      onEvent: event => this.#take(event),
      onOpen: status => {
        this.#isShy ||= status === 403 || status === 404;
        this.#isOpen = status === 200;
      },
      onEnd: () => this.#lose(),
      signal: following.signal,
    });
  }

  /** One environment that is gone must not cut off the others. */
  #wanted(): string[] {
    const there = this.#followed.get(ACCESS)?.replica.items.environment;
    return [...this.#followed.keys()].filter(
      name => !this.#isShy || name === ACCESS || there?.has(name),
    );
  }

  /** Take an event and tell isolates of it; return whether the stream is still whole. */
  #take(event: SseEvent): boolean {
    const message = messageOf(event);
    const name = message ? environmentOf(message) : "";
    const followed = this.#followed.get(name);
    if (!message || !followed) return true;
    const verdict = followed.replica.receive(message);
    if (verdict === "gap" || verdict === "shrunk" || verdict === "unreadable") return false;
    followed.isCurrent = true;
    if (verdict !== "applied") return true;
    const { position } = followed.replica;
    const frame = frameOf(event);
    if (position && event.name === "full_sync") followed.history.restart(position);
    else if (position) followed.history.add(position, frame);
    followed.isSaved = false;
    const whole = event.name === "full_sync" ? heartbeatOf(followed.replica) : "";
    for (const socket of this.#sockets(name)) send(socket, frame + whole);
    // One that is there now, and was not when the stream was asked for, is asked for anew.
    return name !== ACCESS || this.#wanted().every(one => this.#asked.includes(one));
  }

  #lose(): void {
    if (this.#isOpen) this.#lostAt = Date.now();
    this.#isOpen = false;
    const isLost = Date.now() - this.#lostAt > OUT_OF_TOUCH_MS;
    for (const socket of isLost ? this.#sockets() : []) socket.close(1013, "out of touch");
  }

  #canVouchFor({ isCurrent }: Followed): boolean {
    if (!isCurrent) return false;
    return this.#isOpen || Date.now() - this.#lostAt <= OUT_OF_TOUCH_MS;
  }

  /** Hold a socket: first what the isolate lacks, then every change, for as long as it lives. */
  #lease(wanted: ReadonlyMap<string, Position | undefined>): Response {
    const { 0: theirs, 1: ours } = new WebSocketPair();
    this.#state.acceptWebSocket(ours);
    ours.serializeAttachment([...wanted.keys()]);
    for (const [name, at] of wanted) {
      const followed = this.#followed.get(name);
      if (!followed || !this.#canVouchFor(followed)) continue;
      const lacked = at && lackedBy(followed, at);
      send(ours, lacked ?? wholeOf(followed.replica));
      send(ours, heartbeatOf(followed.replica));
    }
    const answer: ResponseInit & { webSocket: unknown } = { status: 101, webSocket: theirs };
    return new Response(null, answer);
  }

  #sockets(name?: string): HubSocket[] {
    const sockets = this.#state.getWebSockets();
    if (name === undefined) return sockets;
    return sockets.filter(socket => (socket.deserializeAttachment() as string[]).includes(name));
  }

  async #save(): Promise<void> {
    for (const followed of this.#followed.values()) {
      if (followed.isSaved || !followed.replica.position) continue;
      followed.isSaved = true;
      await save(this.#state.storage, followed.replica.envelope());
    }
  }
}

export function environmentsOf({ PENNON_ENVIRONMENTS: names }: Env): string[] {
  return names.split(",").map(name => name.trim());
}

function newlyFollowed(name: string): Followed {
  return { replica: new Replica(name), history: new History(), isCurrent: false, isSaved: true };
}

/** Return what follows *at*, nothing where it is as new; undefined where it is not to be had. */
function lackedBy({ replica, history }: Followed, at: Position): string | undefined {
  const order = replica.check(at);
  return order === "known" || order === "gap" ? "" : history.after(at);
}

function wholeOf(replica: Replica): string {
  return frameOf({ name: "full_sync", id: "", data: JSON.stringify(replica.envelope()) });
}

function heartbeatOf({ environment, position }: Replica): string {
  const id = position ? written(position) : "";
  return frameOf({ name: "heartbeat", id, data: JSON.stringify({ environment, ...position }) });
}

function send(socket: HubSocket, text: string): void {
  try {
    if (text !== "") socket.send(text);
  } catch {
    // It has closed; its isolate will ask again.
  }
}
