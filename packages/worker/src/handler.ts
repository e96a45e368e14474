/** The one handler: OFREP, bootstrap, and pages that are given their flags, on every platform. */
import { BOOTSTRAP_PATH, bootstrap } from "./bootstrap.ts";
import { preflight, shared } from "./cors.ts";
import type { Deps } from "./deps.ts";
import { bulk, FLAGS_PATH, refusal, single } from "./ofrep.ts";
import { pageWithFlags } from "./page.ts";
import { Refusal, refused } from "./refusal.ts";

type Answer = (request: Request, deps: Deps) => Promise<Response>;

/** Answer *request*. It throws nothing but what the site's own `fetch` does. */
export async function handle(request: Request, deps: Deps): Promise<Response> {
  const path = new URL(request.url).pathname;
  const answer = answerOf(path);
  if (!answer) {
    if (deps.page) return await pageWithFlags(request, deps, deps.page);
    return refused(new Refusal(404, `There is nothing at ${path}.`), () => ({}));
  }
  if (request.method === "OPTIONS") return preflight(request, deps.pages);
  return shared(request, await answer(request, deps), deps.pages);
}

function answerOf(path: string): Answer | undefined {
  if (path === BOOTSTRAP_PATH) {
    return (request, deps) =>
      request.method === "POST"
        ? bootstrap(request, deps)
        : Promise.resolve(refused(notPost(request), () => ({})));
  }
  if (path === FLAGS_PATH || path === `${FLAGS_PATH}/`) {
    return (request, deps) =>
      request.method === "POST" ? bulk(request, deps) : Promise.resolve(refusal(notPost(request)));
  }
  if (!path.startsWith(`${FLAGS_PATH}/`)) return undefined;
  const key = decoded(path.slice(FLAGS_PATH.length + 1));
  return (request, deps) =>
    request.method === "POST"
      ? single(request, deps, key)
      : Promise.resolve(refusal(notPost(request), key));
}

function notPost({ method }: Request): Refusal {
  return new Refusal(405, `Expected one of OPTIONS, POST, got ${method}.`, {
    allow: "OPTIONS, POST",
  });
}

/** A path that is encoded wrongly names the flag of exactly that name, which there is none of. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
