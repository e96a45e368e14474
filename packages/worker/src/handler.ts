/** The one handler: OFREP, bootstrap, and pages that are given their flags, on every platform. */
import { BOOTSTRAP_PATH, bootstrap } from "./bootstrap.ts";
import { preflight, shared } from "./cors.ts";
import type { Deps } from "./deps.ts";
import { bulk, FLAGS_PATH, refusal, single } from "./ofrep.ts";
import { pageWithFlags } from "./page.ts";
import { Refusal, refused } from "./refusal.ts";

/** What answers at a path, and says in its own words why it does not. */
interface Route {
  readonly answer: (request: Request, deps: Deps) => Promise<Response>;
  readonly refuse: (error: unknown) => Response;
}

/** Answer *request*. It throws nothing but what the site's own `fetch` does. */
export async function handle(request: Request, deps: Deps): Promise<Response> {
  const path = new URL(request.url).pathname;
  const route = routeOf(path);
  if (!route) {
    if (deps.page) return await pageWithFlags(request, deps, deps.page);
    return refused(new Refusal(404, `There is nothing at ${path}.`));
  }
  const { method } = request;
  if (method === "OPTIONS") return preflight(request, deps.pages);
  const answer =
    method === "POST" ? await route.answer(request, deps) : route.refuse(notPost(method));
  return shared(request, answer, deps.pages);
}

function routeOf(path: string): Route | undefined {
  if (path === BOOTSTRAP_PATH) return { answer: bootstrap, refuse: error => refused(error) };
  if (path === FLAGS_PATH || path === `${FLAGS_PATH}/`) {
    return { answer: bulk, refuse: error => refusal(error) };
  }
  if (!path.startsWith(`${FLAGS_PATH}/`)) return undefined;
  const key = decoded(path.slice(FLAGS_PATH.length + 1));
  return {
    answer: (request, deps) => single(request, deps, key),
    refuse: error => refusal(error, key),
  };
}

function notPost(method: string): Refusal {
  const allow = "OPTIONS, POST";
  return new Refusal(405, `Expected one of ${allow}, got ${method}.`, { allow });
}

/** A path that is encoded wrongly names the flag of exactly that name, which there is none of. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
