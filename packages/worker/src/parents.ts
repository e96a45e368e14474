/** Whom an environment is asked of when there is no stream: another node, or a store of datafiles. */
import { compare, type Position, written } from "./position.ts";
import type { Envelope, Replica } from "./replica.ts";
import { eventsOf } from "./sse.ts";

/** Asks a node; throws where it cannot be asked, or does not have the environment. */
export type Ask = (path: string, signal: AbortSignal) => Promise<Response>;

export interface Parent {
  readonly name: string;
  readonly ask: Ask;
  /** How long it may take. */
  readonly patienceMs: number;
}

/** Datafiles by environment, as the origin's publisher writes them; they may be old. */
export type Store = (environment: string) => Promise<Envelope | undefined>;

/** Return a parent that is asked over HTTP, with a relay key. */
export function httpParent(url: string, key: string, patienceMs = 2_000): Parent {
  const base = url.replace(/\/$/, "");
  const headers = { authorization: `Bearer ${key}` };
  return {
    name: base,
    patienceMs,
    ask: (path, signal) => fetch(`${base}${path}`, { headers, signal }),
  };
}

/**
 * Bring *replica* to where *parent* stands: by the changes that it lacks, else by everything.
 *
 * Throws where that fails.
 */
export async function pull(parent: Parent, replica: Replica): Promise<void> {
  const signal = AbortSignal.timeout(parent.patienceMs);
  const { environment } = replica;
  const from = replica.position;
  if (from && (await pullChanges(parent, replica, from, signal))) return;
  const path = `/sync/v1/datafile?environment=${encodeURIComponent(environment)}`;
  const answer = await parent.ask(path, signal);
  if (!answer.ok) throw new Error(`${parent.name} answered ${answer.status}`);
  const verdict = replica.replace(await answer.json());
  if (verdict === "shrunk" || verdict === "unreadable") {
    throw new Error(`what ${parent.name} has of ${environment} is ${verdict}`);
  }
}

async function pullChanges(
  parent: Parent,
  replica: Replica,
  from: Position,
  signal: AbortSignal,
): Promise<boolean> {
  const asked = encodeURIComponent(`${replica.environment}@${written(from)}`);
  const answer = await parent.ask(`/sync/v1/changes?environment=${asked}`, signal);
  if (answer.status === 410) return false;
  if (!answer.ok) throw new Error(`${parent.name} answered ${answer.status}`);
  const verdicts = eventsOf(await answer.text()).map(event => replica.take(event));
  // Another request may have brought some of them meanwhile, and then they are known.
  const isWhole = verdicts.every(verdict => verdict !== "gap" && verdict !== "unreadable");
  return isWhole && compare(replica.position ?? from, from) >= 0;
}
