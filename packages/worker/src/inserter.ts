/**
 * Puts a tag at the start of a page's head, while the page streams through.
 *
 * The platform's HTMLRewriter does it where there is one. Elsewhere the first `<head>` that is not
 * in a comment is looked for, in the page's first bytes only; a page without one stays as it is.
 */

interface Rewriter {
  on(selector: string, handlers: { element(element: Element): void }): Rewriter;
  transform(answer: Response): Response;
}

interface Element {
  prepend(content: string, options: { html: boolean }): void;
}

declare const HTMLRewriter: (new () => Rewriter) | undefined;

/** Return *answer* with *tag*, which is ASCII, first in its head; headers can be set on it. */
export function insertIntoHead(answer: Response, tag: string): Response {
  if (typeof HTMLRewriter === "function") {
    let isIn = false;
    const rewriter = new HTMLRewriter().on("head", {
      element(head) {
        if (!isIn) head.prepend(tag, { html: true });
        isIn = true;
      },
    });
    const rewritten = rewriter.transform(answer);
    return new Response(rewritten.body, rewritten);
  }
  return new Response(answer.body?.pipeThrough(inserter(tag)) ?? null, answer);
}

/** How much of a page is searched: heads come early, and what is searched is held back. */
const MOST_SEARCHED = 65_536;

/** Return a stream that lets bytes through and adds *tag* after the head's own tag. */
export function inserter(tag: string): TransformStream<Uint8Array, Uint8Array> {
  let held = new Uint8Array(0);
  let isDone = false;
  return new TransformStream({
    transform(chunk, controller) {
      if (isDone) return controller.enqueue(chunk);
      held = joined(held, chunk);
      const place = placeIn(held);
      if (place === undefined && held.length < MOST_SEARCHED) return;
      isDone = true;
      if (place === undefined) return controller.enqueue(held);
      controller.enqueue(held.slice(0, place));
      controller.enqueue(new TextEncoder().encode(tag));
      controller.enqueue(held.slice(place));
    },
    flush(controller) {
      if (!isDone) controller.enqueue(held);
    },
  });
}

/** Return the index after the head's tag, if it is there as a whole. Every charset has ASCII. */
function placeIn(bytes: Uint8Array): number | undefined {
  const text = Array.from(bytes, byte => String.fromCharCode(byte)).join("");
  const part = /<!--[\s\S]*?(?:-->|$)|<head(?:\s[^>]*)?>/gi;
  for (let found = part.exec(text); found !== null; found = part.exec(text)) {
    if (!found[0].startsWith("<!--")) return part.lastIndex;
  }
  return undefined;
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
