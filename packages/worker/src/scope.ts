/** What a request may evaluate: one environment, and the flags that its key may see. */
import type { ClientSide } from "@pennon/evaluator";
import { type AccessKey, hashOf, keyOf, opens, presentedKey } from "./access.ts";
import type { Deps } from "./deps.ts";
import type { Held } from "./flags.ts";
import { ACCESS, written } from "./position.ts";
import { notReady, Refusal } from "./refusal.ts";

export type Side = keyof ClientSide;

export interface Scope {
  readonly environment: string;
  readonly held: Held;
  /** Undefined: a server, which sees every flag. */
  readonly side: Side | undefined;
  readonly position: string;
  /** How current the answer is. */
  readonly headers: Readonly<Record<string, string>>;
}

const SIDES: Readonly<Record<string, Side>> = { client: "web", mobile: "mobile" };
const HEADER = "X-Pennon-Environment";

/** Return what *request* may evaluate. Throws a Refusal. */
export async function scopeOf(request: Request, deps: Deps): Promise<Scope> {
  const access = await deps.flags.current(ACCESS, deps.waitUntil);
  if (!access) throw notReady("This worker has not learnt yet which keys there are.");
  const key = await holderOf(request, access, deps.now());
  if (key.kind === "relay") {
    throw new Refusal("forbidden", "Expected a server, client or mobile key, got a relay key.");
  }
  const environment = environmentOf(request, key);
  return await openScope(environment, SIDES[key.kind], deps, access);
}

/** Return the scope of *environment* for who may see *side*. Throws a Refusal. */
export async function openScope(
  environment: string,
  side: Side | undefined,
  deps: Deps,
  access: Held,
): Promise<Scope> {
  if (!access.replica.items.environment.has(environment)) {
    throw new Refusal("not-found", `There is no environment '${environment}'.`);
  }
  const held = await deps.flags.current(environment, deps.waitUntil);
  if (!held?.replica.position) throw notReady(`${environment} is not loaded here yet.`);
  const position = written(held.replica.position);
  const stale = held.staleMs === undefined ? {} : { "x-pennon-stale": `${held.staleMs}` };
  return { environment, held, side, position, headers: { "x-pennon-version": position, ...stale } };
}

/** An unknown key is a 401 only to who hears of new ones: clients give up for good on a 401. */
async function holderOf(request: Request, access: Held, now: number): Promise<AccessKey> {
  const secret = presentedKey(request.headers);
  if (secret === undefined) {
    throw new Refusal("unauthenticated", "Expected a key in the header 'Authorization: Bearer …'.");
  }
  const hash = await hashOf(secret);
  const key = keyOf(access.replica, hash, now);
  if (key) return key;
  if (access.staleMs !== undefined && !access.replica.items.key.has(hash)) {
    throw notReady("This worker is out of touch and does not know the key.");
  }
  throw new Refusal("unauthenticated", "The key is unknown, expired or revoked.");
}

function environmentOf(request: Request, key: AccessKey): string {
  const named = request.headers.get(HEADER)?.trim();
  if (named === undefined) {
    const [only, another] = key.environments === "*" ? [] : (key.environments ?? []);
    if (only !== undefined && another === undefined) return only;
    throw new Refusal(
      "bad-input",
      `${HEADER}: expected an environment such as 'shop/production', since the key opens several`,
    );
  }
  if (!opens(key, named)) throw new Refusal("forbidden", "The key does not open that environment.");
  return named;
}
