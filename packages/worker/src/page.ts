/** Pages of a site behind the worker, each given its visitor's flags in its head. */
import { evaluateAll } from "@pennon/evaluator";
import { payloadText } from "./bootstrap.ts";
import { contextHash, kindsOf } from "./context.ts";
import type { Deps } from "./deps.ts";
import { insertIntoHead } from "./inserter.ts";
import { ACCESS } from "./position.ts";
import { openScope } from "./scope.ts";
import { bootstrapTag, type TagOptions } from "./tag.ts";

export interface Page {
  /** Fetches the page from the site. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Whose flags pages show, such as `shop/production`. */
  readonly environment: string;
  /** Who asks, from cookies or whatever else the request says. */
  readonly contextOf: (request: Request) => unknown | Promise<unknown>;
  /** How the tag is written; data that runs nothing, by default. */
  readonly tag?: (answer: Response) => TagOptions;
}

/**
 * Return the site's answer, with the visitor's flags if it is a page.
 *
 * A page is never held up by its flags: where they cannot be had it goes out without them, and its
 * own defaults apply.
 */
export async function pageWithFlags(request: Request, deps: Deps, page: Page): Promise<Response> {
  const payload = payloadFor(request, deps, page).catch(() => undefined);
  const answer = await page.fetch(request);
  const isPage = /^text\/html\b/i.test(answer.headers.get("content-type") ?? "");
  if (!isPage || !answer.body) return answer;
  const text = await payload;
  if (text === undefined) return answer;
  const tag = bootstrapTag(text, page.tag?.(answer) ?? { executable: false });
  const given = insertIntoHead(answer, tag);
  // What stands in it is one visitor's, and no longer what the site tagged and measured.
  given.headers.set("cache-control", "private, no-cache");
  for (const name of ["content-length", "etag", "last-modified"]) given.headers.delete(name);
  return given;
}

async function payloadFor(request: Request, deps: Deps, page: Page): Promise<string | undefined> {
  const access = await deps.flags.current(ACCESS, deps.waitUntil);
  if (!access) return undefined;
  const [scope, context] = await Promise.all([
    openScope(page.environment, "web", deps, access),
    page.contextOf(request),
  ]);
  const named = await contextHash(kindsOf(context));
  const details = evaluateAll(scope.held.ruleset, context, undefined, "web");
  return payloadText(scope, details, named, deps.now());
}
