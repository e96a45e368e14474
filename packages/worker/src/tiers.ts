/**
 * Flags by asking: memory first; parents in turn once that is too old; a store while there is
 * nothing at all.
 *
 * No promise is shared between requests, since an isolate may end the one that made it: whoever
 * finds an environment overdue asks, and whoever comes meanwhile is served what there is.
 */
import type { Environment } from "./environment.ts";
import type { Flags, Held, WaitUntil } from "./flags.ts";
import { Memory } from "./memory.ts";
import { type Parent, pull, type Store } from "./parents.ts";

export interface TierOptions {
  /** In the order in which they are asked. */
  readonly parents: readonly Parent[];
  readonly store?: Store;
  readonly now: () => number;
  /** How old what is in memory may be before a parent is asked. */
  readonly maxAgeMs: number;
  /** How long a request waits for that, where there is something to serve. */
  readonly waitMs: number;
  /** How long it waits where there is nothing. */
  readonly coldMs: number;
}

export class Tiers implements Flags {
  readonly #options: TierOptions;
  readonly #memory: Memory;

  /** On platforms where a request may not use what another has opened, *memory* is shared. */
  constructor(options: TierOptions, memory = new Memory()) {
    this.#options = options;
    this.#memory = memory;
  }

  async current(name: string, waitUntil: WaitUntil): Promise<Held | undefined> {
    const environment = this.#memory.open(name);
    if (this.#isDue(environment)) {
      const isCold = !environment.replica.position;
      const asking = this.#refresh(environment);
      waitUntil(asking);
      await atMost(isCold ? this.#options.coldMs : this.#options.waitMs, asking);
    }
    if (!environment.replica.position) return undefined;
    return {
      replica: environment.replica,
      ruleset: environment.ruleset,
      staleMs: environment.staleMs(this.#options.now()),
    };
  }

  #isDue(environment: Environment): boolean {
    const now = this.#options.now();
    if (!environment.replica.position) return true;
    if (now < environment.streamedUntil || now < environment.askingUntil) return false;
    return now - environment.checkedAt >= this.#options.maxAgeMs;
  }

  /** Ask until someone answers. Never throws. */
  async #refresh(environment: Environment): Promise<void> {
    const { parents, store, now, waitMs, maxAgeMs } = this.#options;
    const { replica } = environment;
    environment.askingUntil = now() + Math.max(waitMs, maxAgeMs);
    const kept = replica.position ? undefined : store?.(replica.environment).catch(() => undefined);
    for (const parent of parents) {
      // What the store has is a start: the next parent is then asked for what changed since.
      const stored = parent === parents.at(-1) ? await kept : undefined;
      if (stored) replica.receive({ name: "full_sync", wire: stored });
      try {
        await pull(parent, replica);
        environment.checkedAt = now();
        environment.askingUntil = 0;
        return;
      } catch {
        // The next one may know.
      }
    }
    const stored = await kept;
    if (stored) replica.receive({ name: "full_sync", wire: stored });
  }
}

/** Wait for *work*, but no longer than *ms*. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
