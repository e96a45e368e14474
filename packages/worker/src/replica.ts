/**
 * One environment as it is held here: its items, and the position that they are of.
 *
 * It takes only what moves it forward in the one unbroken line of versions, as
 * `docs/protocol.md` says. Digests are left to the nodes that feed it: a worker trusts its parent.
 */
import { ACCESS, compare, type Position } from "./position.ts";
import type { SseEvent } from "./sse.ts";

export type Kind = "flag" | "segment" | "key" | "environment";
export type Verdict = "applied" | "known" | "behind" | "gap" | "shrunk" | "unreadable" | "ignored";

export interface Change extends Position {
  readonly environment: string;
  readonly key: string;
  readonly kind: Kind;
  /** Undefined where it was deleted. */
  readonly item: unknown;
}

type Items = Readonly<Record<string, unknown>>;

export interface Datafile extends Position {
  readonly environment: string;
  readonly digest: string;
  readonly flags?: Items;
  readonly segments?: Items;
  readonly keys?: Items;
  readonly environments?: Items;
}

/** What `full_sync`, KV and `GET /sync/v1/datafile` carry. */
export interface Envelope {
  readonly datafile: Datafile;
  readonly shrinkAllowed?: boolean;
  readonly committedAt?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: what came over the wire is anything until it is read
type Wire = any;

/** An event whose JSON was read, and nothing else of it. */
export interface Message {
  readonly name: string;
  readonly wire: Wire;
}

/** Return the message of *event*, or undefined where it is no JSON. */
export function messageOf({ name, data }: SseEvent): Message | undefined {
  try {
    return { name, wire: JSON.parse(data) };
  } catch {
    return undefined;
  }
}

/** Return the environment that *message* is of. */
export function environmentOf({ wire }: Message): string {
  return `${wire?.datafile?.environment ?? wire?.environment ?? ""}`;
}

/** Told what the replica took: one change, or undefined where everything was replaced. */
export type Listener = (change: Change | undefined) => void;

const MEMBERS = {
  flag: "flags",
  segment: "segments",
  key: "keys",
  environment: "environments",
} as const;

export class Replica {
  readonly environment: string;
  readonly items: Readonly<Record<Kind, Map<string, unknown>>> = {
    flag: new Map(),
    segment: new Map(),
    key: new Map(),
    environment: new Map(),
  };
  position: Position | undefined;
  committedAt = 0;
  #shrinkAllowed = false;
  readonly #listeners: Listener[] = [];

  constructor(environment: string) {
    this.environment = environment;
  }

  listen(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Take *event* if it is one that changes something, and the next. */
  take(event: SseEvent): Verdict {
    const message = messageOf(event);
    if (message) return this.receive(message);
    return event.name in READ ? "unreadable" : "ignored";
  }

  /** Take what was read of an event. */
  receive({ name, wire }: Message): Verdict {
    const read = READ[name];
    if (read === undefined) return "ignored";
    try {
      return read(this, wire);
    } catch {
      return "unreadable";
    }
  }

  apply(change: Change): Verdict {
    const held = this.position;
    if (!held || change.epoch > held.epoch) return "gap";
    if (change.epoch < held.epoch) return "behind";
    if (change.version <= held.version) return "known";
    if (change.version !== held.version + 1) return "gap";
    const items = this.items[change.kind];
    if (change.item === undefined) {
      items.delete(change.key);
      this.#shrinkAllowed = true;
    } else {
      items.set(change.key, change.item);
    }
    this.position = { epoch: change.epoch, version: change.version };
    this.#tell(change);
    return "applied";
  }

  /** Take *envelope* in place of everything, unless it is older or has lost too much. */
  replace({ datafile, shrinkAllowed = false, committedAt = 0 }: Envelope): Verdict {
    const { epoch, version, environment } = datafile;
    if (environment !== this.environment || typeof epoch !== "string") return "unreadable";
    if (!Number.isSafeInteger(version)) return "unreadable";
    const order = this.position ? compare({ epoch, version }, this.position) : 1;
    if (order < 0) return "behind";
    if (order === 0) return "known";
    if (!shrinkAllowed && this.#losesTooMuch(datafile)) return "shrunk";
    for (const kind of [...FLAG_KINDS, ...ACCESS_KINDS]) {
      const items = this.items[kind];
      items.clear();
      for (const [key, item] of Object.entries(datafile[MEMBERS[kind]] ?? {})) items.set(key, item);
    }
    this.position = { epoch, version };
    this.committedAt = committedAt;
    this.#shrinkAllowed = shrinkAllowed;
    this.#tell(undefined);
    return "applied";
  }

  /** Compare with where a parent says that it stands. */
  check(parent: Position): Verdict {
    const order = this.position ? compare(parent, this.position) : 1;
    return order > 0 ? "gap" : order < 0 ? "behind" : "known";
  }

  /** Return everything held; only for a replica that holds something. */
  envelope(): Envelope {
    if (!this.position) throw new Error(`nothing is held of ${this.environment}`);
    const datafile = { environment: this.environment, ...this.position, digest: "" };
    const kinds = this.environment === ACCESS ? ACCESS_KINDS : FLAG_KINDS;
    const members = kinds.map(kind => [MEMBERS[kind], objectOf(this.items[kind])]);
    return {
      datafile: { ...datafile, ...Object.fromEntries(members) },
      shrinkAllowed: this.#shrinkAllowed,
      committedAt: this.committedAt,
    };
  }

  #losesTooMuch(datafile: Datafile): boolean {
    const kind = this.environment === ACCESS ? "key" : "flag";
    const given = datafile[MEMBERS[kind]] ?? {};
    const held = [...this.items[kind].keys()];
    return 2 * held.filter(key => Object.hasOwn(given, key)).length < held.length;
  }

  #tell(change: Change | undefined): void {
    for (const listener of this.#listeners) listener(change);
  }
}

const FLAG_KINDS: readonly Kind[] = ["flag", "segment"];
const ACCESS_KINDS: readonly Kind[] = ["key", "environment"];

const READ: Readonly<Record<string, (replica: Replica, wire: Wire) => Verdict>> = {
  full_sync: (replica, wire) => replica.replace(wire),
  flag_update: (replica, wire) => replica.apply(changeOf(wire, "flag", wire.flag)),
  segment_update: (replica, wire) => replica.apply(changeOf(wire, "segment", wire.segment)),
  access_update: (replica, wire) => replica.apply(changeOf(wire, wire.kind, wire.item)),
  heartbeat: (replica, wire) => replica.check(wire),
};

function changeOf(wire: Wire, kind: Kind, item: unknown): Change {
  const { environment, epoch, version, key } = wire;
  if (!(kind in MEMBERS) || typeof epoch !== "string" || !Number.isSafeInteger(version)) {
    throw new Error("no change");
  }
  return { environment, epoch, version, key, kind, item };
}

/** A key may be `__proto__`, which an assignment would lose. */
function objectOf(items: ReadonlyMap<string, unknown>): Items {
  return Object.fromEntries(items);
}
