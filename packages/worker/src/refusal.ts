/** Why a request is refused, and the answer that says so: a problem document (RFC 9457). */

const KINDS = {
  "bad-input": [400, "The input is wrong"],
  unauthenticated: [401, "A valid key is needed"],
  forbidden: [403, "The key does not allow this"],
  "not-found": [404, "Not found"],
  "not-ready": [503, "Not ready yet"],
} as const;

const OWN_NAMES: Readonly<Record<number, string>> = {
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Request Entity Too Large",
  500: "Internal Server Error",
};

export type RefusalKind = keyof typeof KINDS | number;

/** A request that is not answered; *kind* is a problem's, or a status that HTTP has a name for. */
export class Refusal extends Error {
  readonly kind: RefusalKind;
  readonly headers: Readonly<Record<string, string>>;

  constructor(kind: RefusalKind, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.kind = kind;
    this.headers = headers;
  }
}

/** Not ready, for a moment: whoever asks is told when to come back. */
export function notReady(detail: string): Refusal {
  return new Refusal("not-ready", detail, { "retry-after": "1" });
}

/** What stands beside a problem, in the words of the protocol that was spoken. */
type Words = (status: number, detail: string) => object;

/** Return the answer to a request that *error* ended. */
export function refused(error: unknown, words: Words = () => ({})): Response {
  if (!(error instanceof Refusal)) console.error("pennon: a request failed", error);
  const refusal =
    error instanceof Refusal ? error : new Refusal(500, "The worker failed to answer.");
  const { kind, message, headers } = refusal;
  const [status, title] =
    typeof kind === "number" ? [kind, OWN_NAMES[kind] ?? "Error"] : KINDS[kind];
  const type = typeof kind === "number" ? "about:blank" : `urn:pennon:problem:${kind}`;
  const challenge = status === 401 ? { "www-authenticate": 'Bearer realm="pennon"' } : {};
  return new Response(
    JSON.stringify({ type, title, status, detail: message, ...words(status, message) }),
    {
      status,
      headers: {
        "content-type": "application/problem+json",
        "cache-control": "no-store",
        ...challenge,
        ...headers,
      },
    },
  );
}
