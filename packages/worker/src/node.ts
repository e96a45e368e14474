/** The handler under Node's own HTTP server. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { Deps } from "./deps.ts";
import { handle } from "./handler.ts";

/** Return a listener for `http.createServer`; work goes on after an answer by itself there. */
export function listener(deps: Omit<Deps, "waitUntil" | "now">): RequestListener {
  const whole: Deps = { ...deps, now: Date.now, waitUntil: () => {} };
  return (incoming, outgoing) => {
    handle(requestOf(incoming), whole)
      .then(answer => send(answer, outgoing))
      .catch(() => outgoing.destroy());
  };
}

function requestOf(incoming: IncomingMessage): Request {
  const { method = "GET", url = "/", headers } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  const given = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, `${value}`] as [string, string]],
  );
  return new Request(new URL(url, `http://${headers.host ?? "localhost"}`), {
    method,
    headers: given,
    ...(hasBody && { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" }),
  });
}

async function send(answer: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body) {
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      outgoing.write(chunk);
    }
  }
  outgoing.end();
}
