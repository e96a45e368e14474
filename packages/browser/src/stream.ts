/** The client stream: an edge tells of changes as they happen; see docs/client-stream.md. */
import { ask, pause, type Updates, wait } from "./link.ts";

/**
 * Return updates that come as they happen, over a response that `fetch` reads bit by bit.
 *
 * A node says something every ten seconds; one that says nothing for *silenceMs* is gone.
 */
export function stream(silenceMs = 25_000): Updates {
  return async ({ edge, context, signal, held, take, heard }) => {
    let tries = 0;

    /** Take what the edge says; return after how long to come back, where it says that itself. */
    async function listen(ending: AbortController): Promise<number> {
      const listening = () => setTimeout(() => ending.abort(), silenceMs);
      let silence = listening();
      try {
        const answer = await ask(
          edge,
          "/client/v1/stream",
          { context, since: held().state },
          { accept: "text/event-stream" },
          AbortSignal.any([signal, ending.signal]),
        );
        const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
        const decoder = new TextDecoder();
        heard();
        tries = 0;
        for (let text = ""; ; ) {
          const { value } = await reader.read();
          if (!value) throw new Error("Pennon: ended");
          clearTimeout(silence);
          silence = listening();
          const events = (text + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
          text = events.pop() as string;
          for (const { event, data = "{}", id: state } of events.map(fieldsOf)) {
            const { removed, retryAfterMs, ...payload } = JSON.parse(data);
            if (event === "goodbye") return retryAfterMs;
            if (event === "put") take({ ...payload, state });
            if (event === "patch") take({ ...payload, state }, removed ?? []);
          }
        }
      } finally {
        clearTimeout(silence);
        ending.abort();
      }
    }

    while (!signal.aborted) {
      const waitMs = await listen(new AbortController()).catch(error => {
        heard(error);
        return pause(tries++, error);
      });
      await wait(waitMs);
    }
  };
}

function fieldsOf(event: string): Record<string, string | undefined> {
  const fields = event.matchAll(/^(\w+): ?(.*)$/gm);
  return Object.fromEntries(Array.from(fields, ([, ...field]) => field));
}
