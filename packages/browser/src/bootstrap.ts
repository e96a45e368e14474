/** What the page was given before it asks: see docs/bootstrap.md. */
import type { Payload } from "./payload.ts";

/** Return the payload that stands in the page: a property of `window`, or JSON in an element. */
export function readBootstrap(): Payload | undefined {
  // An element is a property of `window` too, by its id.
  const { __FLAG_BOOTSTRAP__: found } = globalThis as {
    __FLAG_BOOTSTRAP__?: Payload & { tagName?: string; textContent: string };
  };
  // Of any other element, a visitor of the page may be the author.
  return found?.tagName === "SCRIPT" ? JSON.parse(found.textContent) : found;
}
