/** Bootstrap: what a page's flags serve its visitor, for the page to start with. */
import { type Detail, evaluateAll } from "@pennon/evaluator";
import { hexDigest } from "./access.ts";
import { BadBody, bodyOf, contextIn } from "./asked.ts";
import { BadContext, contextHash, kindsOf } from "./context.ts";
import type { Deps } from "./deps.ts";
import { isComplete } from "./ofrep.ts";
import { Refusal, refused } from "./refusal.ts";
import { type Scope, type Side, scopeOf } from "./scope.ts";
import { flagOf, isTracked, objectText, valueText } from "./served.ts";

export const BOOTSTRAP_PATH = "/bootstrap/v1";

const HEADERS = { "content-type": "application/json", "cache-control": "private, no-cache" };

/**
 * Answer what the page's flags serve the context of the body; 304 when that is known.
 *
 * What stands in a page can be read by whoever sees the page: so a server key is answered what a
 * client key would be.
 */
export async function bootstrap(request: Request, deps: Deps): Promise<Response> {
  try {
    const scope = await scopeOf(request, deps);
    const context = contextIn(await bodyOf(request, deps));
    const side = scope.side ?? "web";
    const named = await contextHash(kindsOf(context));
    const etag = await tagOf(scope, side, named);
    if (request.headers.get("if-none-match")?.includes(etag)) {
      const { "cache-control": cacheControl } = HEADERS;
      const headers = { etag, "cache-control": cacheControl, ...scope.headers };
      return new Response(null, { status: 304, headers });
    }
    const details = evaluateAll(scope.held.ruleset, context, undefined, side);
    const body = payloadText(scope, details, named, deps.now());
    const tag = isComplete(details) ? { etag } : {};
    return new Response(body, { headers: { ...HEADERS, ...scope.headers, ...tag } });
  } catch (error) {
    const isBad = error instanceof BadBody || error instanceof BadContext;
    return refused(isBad ? new Refusal("bad-input", error.message) : error);
  }
}

/** Return the payload's JSON, for the context whose hash is *named*. */
export function payloadText(
  scope: Scope,
  details: readonly Detail[],
  named: string,
  now: number,
): string {
  const [epoch, version] = scope.position.split(".");
  const { staleMs } = scope.held;
  const rest = {
    epoch,
    environment: scope.environment,
    contextHash: named,
    generatedAt: now,
    ...(staleMs !== undefined && { staleMs }),
  };
  return `{"version":"v${version}","flags":${flagsText(scope, details)},${JSON.stringify(rest).slice(1)}`;
}

/** Return the JSON of `flags`: of each that has a value, and what is told of its exposure. */
export function flagsText({ held }: Pick<Scope, "held">, details: readonly Detail[]): string {
  const served = details.filter(({ index }) => index !== null);
  return objectText(
    served.map(detail => {
      const flag = flagOf(detail, held);
      const members: [string, string][] = [
        ["value", valueText(detail, flag)],
        ["variation", `${detail.index}`],
      ];
      if (isTracked(detail, flag)) {
        members.push(["track", "true"]);
        if (detail.ruleId !== undefined) members.push(["ruleId", JSON.stringify(detail.ruleId)]);
      }
      return [detail.flag, objectText(members)];
    }),
  );
}

async function tagOf(scope: Scope, side: Side, named: string): Promise<string> {
  const parts = [scope.environment, scope.position, side, named].join("\0");
  return `"${(await hexDigest("SHA-256", parts)).slice(0, 32)}"`;
}
