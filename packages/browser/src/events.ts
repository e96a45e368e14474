/** Tells an edge to whom what was served, and what they did then; see docs/events.md. */
import type { Answer } from "./answer.ts";
import { type Context, unitsOf } from "./context.ts";
import { ask, type Edge, type Failure, isRefused, pause } from "./link.ts";

export type Properties = Readonly<Record<string, string | number | boolean | null>>;

/** Takes events as they happen. */
export interface Recorder {
  /** A flag was used; the same answer is told of once for a context. */
  expose(answer: Answer<unknown>): void;
  track(name: string, value?: number, properties?: Properties): void;
  flush(): Promise<void>;
}

/** Makes a recorder, of whatever context there is when something happens. */
export type Events = (edge: Edge, contextOf: () => Context | undefined) => Recorder;

/** What is told at once; told again with its `id`, it counts once. */
interface Batch {
  readonly id: string;
  readonly context: Context | undefined;
  readonly events: object[];
}

const PATH = "/events/v1";
const MOST_EVENTS = 100;
const MOST_BATCHES = 20;

/**
 * Return events that are told in batches, *everyMs* after the first of each.
 *
 * A page that is left tells the rest by a beacon. What cannot be told waits, and when there is too
 * much of it the oldest goes.
 */
export function events(everyMs = 5000): Events {
  return (edge, contextOf) => {
    const waiting = new Set<Batch>();
    const exposed = new Set<string>();
    let context: Context | undefined;
    let open: Batch | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let tries = 0;

    function add(event: object): void {
      // What happened to one context is not told as another's.
      if (context !== contextOf() || !open || open.events.length >= MOST_EVENTS) {
        context = contextOf();
        open = { id: newId(), context: context && unitsOf(context), events: [] };
        waiting.add(open);
        for (const oldest of waiting) if (waiting.size > MOST_BATCHES) waiting.delete(oldest);
      }
      open.events.push({ ...event, at: Date.now() });
      timer ??= setTimeout(flush, everyMs);
    }

    async function flush(): Promise<void> {
      clearTimeout(timer);
      timer = undefined;
      for (const batch of waiting) {
        open = undefined;
        try {
          await ask(edge, PATH, told(batch));
        } catch (error) {
          // What is refused will not get better.
          if (!isRefused(error as Failure)) {
            timer ??= setTimeout(flush, pause(tries++, error as Failure));
            return;
          }
        }
        waiting.delete(batch);
        tries = 0;
      }
    }

    /** Tell all without waiting for an answer, also what `flush` is telling. */
    function leave(): void {
      open = undefined;
      const { url, key, environment } = edge;
      for (const batch of waiting) {
        const body = JSON.stringify({ ...told(batch), key, environment });
        if (navigator.sendBeacon?.(url + PATH, body)) waiting.delete(batch);
      }
    }
    for (const type of ["pagehide", "visibilitychange"]) globalThis.addEventListener?.(type, leave);

    return {
      expose({ flag, variation, ruleId }) {
        const event = { kind: "exposure", flag, variation, ruleId };
        const named = JSON.stringify([event, contextOf()]);
        if (!exposed.has(named)) add(event);
        exposed.add(named);
      },
      track: (name, value, properties) => add({ kind: "custom", name, value, properties }),
      flush,
    };
  };
}

function told(batch: Batch): object {
  return { ...batch, sentAt: Date.now() };
}

function newId(): string {
  // Pages that came without TLS have no UUIDs.
  return `${Date.now()}-${Math.random().toFixed(16).slice(2)}`;
}
