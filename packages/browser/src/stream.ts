/** The client stream: an edge tells of changes as they happen; see docs/client-stream.md. */
import { ask, pause, type Updates, wait } from "./link.ts";

/** A node says something every ten seconds; one that is silent for so long is gone. */
const SILENCE_MS = 25_000;

/** Return updates that come as they happen, over a response that `fetch` reads bit by bit. */
export function stream(): Updates {
  return async ({ edge, context, signal, held, take, heard }) => {
    let tries = 0;

    /** Take what the edge says; return after how long to come back, where it says that itself. */
    async function listen(ending: AbortController): Promise<number> {
      const listening = () => setTimeout(() => ending.abort(), SILENCE_MS);
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
