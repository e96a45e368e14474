/** Asking an edge again and again, where no stream can be held; see docs/bootstrap.md. */
import { ask, type Failure, pause, type Updates, wait } from "./link.ts";

/**
 * Return updates that are asked for every *everyMs*.
 *
 * By default that is once, and only where the page brought nothing.
 */
export function poll(everyMs = 0): Updates {
  return async ({ edge, context, signal, held, take, heard }) => {
    let waitMs = held().source === "bootstrap" ? everyMs || Number.NaN : 0;
    for (let tag = "", tries = 0; waitMs >= 0; ) {
      await wait(waitMs);
      if (signal.aborted) return;
      try {
        const headers = tag !== "" && { "if-none-match": tag };
        const answer = await ask(edge, "/bootstrap/v1", { context }, headers, signal);
        if (answer.ok) {
          take(await answer.json());
          tag = answer.headers.get("etag") ?? "";
        }
        heard();
        tries = 0;
        waitMs = everyMs || Number.NaN;
      } catch (error) {
        heard(error);
        waitMs = Math.max(everyMs, pause(tries++, error as Failure));
      }
    }
  };
}
