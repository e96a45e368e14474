/** A worker for Cloudflare: the hub of its region first, then KV, then the parent itself. */
import { handle } from "../handler.ts";
import { Memory } from "../memory.ts";
import type { Page } from "../page.ts";
import { httpParent, type Parent, type Store } from "../parents.ts";
import type { Envelope } from "../replica.ts";
import { type TierOptions, Tiers } from "../tiers.ts";
import { environmentsOf } from "./hub.ts";
import { Lease } from "./lease.ts";
import type { DurableStub, Env, ExecutionContext, KvNamespace } from "./platform.ts";
import { type Place, regionOf } from "./region.ts";

export { FlagHub } from "./hub.ts";
export type { Env } from "./platform.ts";

export interface WorkerOptions {
  /** How old what is in memory may be while no lease is held. */
  readonly maxAgeMs?: number;
  readonly page?: (env: Env) => Page;
}

export interface Worker {
  fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response>;
}

const MAX_AGE_MS = 500;
/** A hub is near: what it has not said by then, it may be asked the next time. */
const HUB_MS = 150;
const WAIT_MS = 40;
const COLD_MS = 3_000;
/** The least that the platform takes, in seconds. */
const KV_TTL = 30;

/** Return a worker; what it holds in memory is shared by the requests of an isolate. */
export function createWorker(options: WorkerOptions = {}): Worker {
  let memory: Memory | undefined;
  let lease: Lease | undefined;
  return {
    async fetch(request, env, context) {
      memory ??= new Memory();
      lease ??= new Lease(memory, environmentsOf(env));
      const waitUntil = (work: Promise<unknown>) => context.waitUntil(work);
      const hub = hubOf(request, env);
      if (hub) await lease.renew(hub, waitUntil, HUB_MS);
      const pages = env.PENNON_PAGES?.split(",").map(origin => origin.trim());
      return await handle(request, {
        flags: new Tiers(tiersOf(env, hub, options), memory),
        now: Date.now,
        waitUntil,
        ...(pages && { pages }),
        ...(options.page && { page: options.page(env) }),
      });
    },
  };
}

function tiersOf(env: Env, hub: DurableStub | undefined, options: WorkerOptions): TierOptions {
  const origin = httpParent(env.PENNON_URL, env.PENNON_RELAY_KEY);
  return {
    parents: hub ? [hubParent(hub), origin] : [origin],
    ...(env.PENNON_KV && { store: storeOf(env.PENNON_KV) }),
    now: Date.now,
    maxAgeMs: options.maxAgeMs ?? MAX_AGE_MS,
    waitMs: WAIT_MS,
    coldMs: COLD_MS,
  };
}

function hubParent(hub: DurableStub): Parent {
  const ask: Parent["ask"] = (path, signal) => hub.fetch(`http://hub${path}`, { signal });
  return { name: "hub", patienceMs: HUB_MS, ask };
}

function hubOf(request: Request, { PENNON_HUB: namespace }: Env): DurableStub | undefined {
  const region = regionOf((request as Request & { cf?: Place }).cf);
  return namespace?.get(namespace.idFromName(region), { locationHint: region });
}

/** Return the datafiles in *kv*, each under its environment's name. */
export function storeOf(kv: KvNamespace): Store {
  return async environment => {
    const kept = await kv.get(environment, { type: "json", cacheTtl: KV_TTL });
    return (kept ?? undefined) as Envelope | undefined;
  };
}
