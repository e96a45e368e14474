/** The worker that runs under workerd in the Python tests; its hub can be told to die. */
import { createWorker, FlagHub } from "@pennon/worker/cloudflare";
import type { DurableState, Env } from "../../src/cloudflare/platform.ts";

export class MortalHub extends FlagHub {
  readonly #sockets: () => { close(): void }[];
  #isDead = false;

  constructor(state: DurableState, env: Env) {
    super(state, env);
    this.#sockets = () => state.getWebSockets();
  }

  override async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === "/die") {
      this.#isDead = true;
      for (const socket of this.#sockets()) socket.close();
      return new Response();
    }
    if (this.#isDead) throw new Error("dead");
    return await super.fetch(request);
  }
}

const worker = createWorker({
  page: () => ({
    environment: "shop/production",
    fetch: async () =>
      new Response("<html><head><title>Shop</title></head></html>", {
        headers: { "content-type": "text/html" },
      }),
    contextOf: () => ({ targetingKey: "ada" }),
  }),
});

export default {
  async fetch(...[request, env, context]: Parameters<typeof worker.fetch>): Promise<Response> {
    if (new URL(request.url).pathname === "/die" && env.PENNON_HUB) {
      return await env.PENNON_HUB.get(env.PENNON_HUB.idFromName("enam")).fetch("http://hub/die");
    }
    return await worker.fetch(request, env, context);
  },
};
