/** What a request asks to evaluate for: the body `{"context": …}`. */
import { isObject } from "./context.ts";
import type { Deps } from "./deps.ts";
import { Refusal } from "./refusal.ts";

/** As large as an edge takes by default. */
const MOST_BYTES = 131_072;

/** The body is no JSON object; its message says where and what was expected. */
export class BadBody extends Error {}

/** Return the body of *request*. Throws a Refusal where it is too large. */
export async function bodyOf(request: Request, deps: Deps): Promise<string> {
  const most = deps.contextBytes ?? MOST_BYTES;
  const tooLarge = new Refusal(413, `Expected a context of at most ${most} bytes.`);
  // What says that it is too large is not even read.
  if (Number(request.headers.get("content-length")) > most) throw tooLarge;
  const body = await request.arrayBuffer();
  if (body.byteLength > most) throw tooLarge;
  return new TextDecoder().decode(body);
}

/**
 * Return the JSON of the context in *body*; more beside it is ignored.
 *
 * A missing body, a missing context and null are an empty one. Throws BadBody.
 */
export function contextIn(body: string): unknown {
  if (body.trim() === "") return {};
  let given: unknown;
  try {
    given = SURROGATE_ESCAPE.test(body) ? JSON.parse(body, wellFormed) : JSON.parse(body);
  } catch (error) {
    throw new BadBody(`$: JSON is malformed: ${(error as Error).message}`);
  }
  if (!isObject(given)) throw new BadBody("$: expected an object");
  return given.context ?? {};
}

const SURROGATE_ESCAPE = /\\ud[89a-f]/i;

/** Half a pair is no text: an edge refuses it as well. */
function wellFormed(name: string, value: unknown): unknown {
  if ([name, value].some(text => typeof text === "string" && /\p{Surrogate}/u.test(text))) {
    throw new SyntaxError("half a surrogate pair");
  }
  return value;
}
