/**
 * The lease: a socket to the hub brings every change, for 25 s, then the next one does.
 *
 * The platform ends what a request began 30 s after its answer, so no socket may be older; and only
 * the request that opened one may touch it, so others read what it wrote into memory.
 */
import type { Environment } from "../environment.ts";
import type { WaitUntil } from "../flags.ts";
import type { Memory } from "../memory.ts";
import { ACCESS, written } from "../position.ts";
import { environmentOf, messageOf } from "../replica.ts";
import { eventsOf } from "../sse.ts";
import { atMost } from "../tiers.ts";
import type { DurableStub } from "./platform.ts";

const LEASE_MS = 25_000;
const RENEW_AFTER_MS = 20_000;
/** How long a hub that gave no lease is left alone. */
const RETRY_MS = 1_000;

interface Client extends WebSocket {
  accept(): void;
}

export class Lease {
  readonly #environments: readonly Environment[];
  readonly #memory: Memory;
  /** When to ask for the next one. */
  #renewAt = 0;
  #newest = 0;

  constructor(memory: Memory, environments: readonly string[]) {
    this.#memory = memory;
    this.#environments = [ACCESS, ...environments].map(name => memory.open(name));
  }

  /**
   * Take a lease of *hub* if it is time for one.
   *
   * Where memory lacks something that is waited for, *patienceMs* at most.
   */
  async renew(hub: DurableStub, waitUntil: WaitUntil, patienceMs: number): Promise<void> {
    const now = Date.now();
    if (now < this.#renewAt) return;
    this.#renewAt = now + RENEW_AFTER_MS;
    const isCold = this.#environments.some(({ replica }) => !replica.position);
    let isReady = () => {};
    const ready = new Promise<void>(resolve => {
      isReady = resolve;
    });
    const over = this.#hold(hub, ++this.#newest, now + LEASE_MS, isReady);
    waitUntil(over);
    if (isCold) await atMost(patienceMs, Promise.race([ready, over]));
  }

  /** Hold a lease to its end. Never throws. */
  async #hold(hub: DurableStub, number: number, until: number, isReady: () => void): Promise<void> {
    try {
      await this.#listen(await this.#socket(hub), until, isReady);
    } catch {
      // There is no hub, or it has nothing yet.
    }
    // While a newer one is held, this one was not needed any more.
    if (number !== this.#newest) return;
    const now = Date.now();
    if (now < until) this.#renewAt = now + RETRY_MS;
    for (const environment of this.#environments) {
      const heardAt = Math.min(environment.streamedUntil, now);
      environment.checkedAt = Math.max(environment.checkedAt, heardAt);
      environment.streamedUntil = 0;
    }
  }

  async #socket(hub: DurableStub): Promise<Client> {
    const asked = this.#environments.map(({ replica: { environment, position } }) => {
      const at = position ? `@${written(position)}` : "";
      return `environment=${encodeURIComponent(environment + at)}`;
    });
    const answer: Response & { webSocket?: Client } = await hub.fetch(
      `http://hub/lease?${asked.join("&")}`,
      { headers: { upgrade: "websocket" } },
    );
    if (!answer.webSocket) throw new Error(`the hub answered ${answer.status}`);
    return answer.webSocket;
  }

  /** Return once the socket has closed, or the time is up. */
  #listen(socket: Client, until: number, isReady: () => void): Promise<void> {
    const waiting = new Set(this.#environments);
    return new Promise(resolve => {
      const timer = setTimeout(() => end("over"), until - Date.now());
      const end = (why: string) => {
        clearTimeout(timer);
        resolve();
        socket.close(1000, why);
      };
      socket.addEventListener("close", () => end("closed"));
      socket.addEventListener("error", () => end("broken"));
      socket.addEventListener("message", ({ data }) => {
        for (const event of eventsOf(`${data}`)) {
          const message = messageOf(event);
          if (!message) return end("unreadable");
          const environment = this.#memory.open(environmentOf(message));
          const verdict = environment.replica.receive(message);
          // A gap cannot be on this socket, unless the hub began anew: the next lease closes it.
          if (verdict === "gap" || verdict === "shrunk" || verdict === "unreadable") {
            return end(verdict);
          }
          if (event.name !== "heartbeat") continue;
          environment.streamedUntil = until;
          waiting.delete(environment);
        }
        if (waiting.size === 0) isReady();
      });
      socket.accept();
    });
  }
}
