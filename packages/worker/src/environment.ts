/** An environment in an isolate's memory: its items, compiled, and when it was last vouched for. */
import { compile, type Datafile, type Ruleset, updateFlag, updateSegment } from "@pennon/evaluator";
import { type Change, Replica } from "./replica.ts";

/** How long nothing may be heard before answers say so: two and a half heartbeats. */
const STALE_AFTER_MS = 75_000;

export class Environment {
  readonly replica: Replica;
  /** When a parent last said that this is the newest; never: 0. */
  checkedAt = 0;
  /** Until when someone else is asking already. */
  askingUntil = 0;
  /** Until when a stream brings every change. */
  streamedUntil = 0;
  #ruleset: Ruleset | undefined;

  constructor(name: string) {
    this.replica = new Replica(name);
    this.replica.listen(change => this.#compile(change));
  }

  get ruleset(): Ruleset {
    this.#ruleset ??= compile({
      flags: {},
      segments: {},
      ...this.replica.envelope().datafile,
    } as Datafile);
    return this.#ruleset;
  }

  /**
   * Return for how long nothing was heard at *now*, once that is too long.
   *
   * What came from a store alone is as old as its last change may be.
   */
  staleMs(now: number): number | undefined {
    const { checkedAt, streamedUntil, replica } = this;
    const silent = now - Math.max(checkedAt, Math.min(streamedUntil, now), replica.committedAt);
    return silent > STALE_AFTER_MS ? silent : undefined;
  }

  #compile(change: Change | undefined): void {
    if (!change) this.#ruleset = undefined;
    else if (this.#ruleset && change.kind === "flag") {
      updateFlag(this.#ruleset, change.key, change.item as never, change.version);
    } else if (this.#ruleset && change.kind === "segment") {
      updateSegment(this.#ruleset, change.key, change.item as never, change.version);
    }
  }
}
