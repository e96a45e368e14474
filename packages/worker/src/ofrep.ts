/** The OpenFeature Remote Evaluation Protocol, version 0.3: one flag, or all of them. */
import { type Detail, evaluate, evaluateAll } from "@pennon/evaluator";
import { hexDigest } from "./access.ts";
import { BadBody, bodyOf, contextIn } from "./asked.ts";
import { BadContext, kindsOf } from "./context.ts";
import type { Deps } from "./deps.ts";
import { failure, written } from "./ofrep-answers.ts";
import { Refusal, refused } from "./refusal.ts";
import { type Scope, scopeOf } from "./scope.ts";

export const FLAGS_PATH = "/ofrep/v1/evaluate/flags";

const HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

/** Evaluate the flag *key*. */
export async function single(request: Request, deps: Deps, key: string): Promise<Response> {
  try {
    const scope = await scopeOf(request, deps);
    const context = checkedContext(await bodyOf(request, deps));
    const { flags } = scope.held.ruleset;
    if (scope.side && !flags.get(key)?.flag?.clientSide?.[scope.side]) {
      return respond(404, JSON.stringify(notFound(key)), scope);
    }
    const detail = evaluate(scope.held.ruleset, key, context);
    if (detail.errorCode === "FLAG_NOT_FOUND") {
      return respond(404, JSON.stringify(notFound(key)), scope);
    }
    return respond(detail.errorCode ? 400 : 200, written(detail, scope), scope);
  } catch (error) {
    return refusal(error, key);
  }
}

/** Evaluate every flag that the key may see; 304 when the same would be said again. */
export async function bulk(request: Request, deps: Deps): Promise<Response> {
  try {
    const scope = await scopeOf(request, deps);
    const body = await bodyOf(request, deps);
    const etag = await tagOf(scope, body);
    if (request.headers.get("if-none-match")?.includes(etag)) {
      return new Response(null, { status: 304, headers: { etag, ...scope.headers } });
    }
    const context = checkedContext(body);
    const details = evaluateAll(scope.held.ruleset, context, undefined, scope.side);
    return respond(200, all(details, scope), scope, isComplete(details) ? { etag } : {});
  } catch (error) {
    return refusal(error);
  }
}

/** Say in OFREP's words, too, why a request was refused. */
export function refusal(error: unknown, key?: string): Response {
  const named = key === undefined ? {} : { key };
  const bad = badInputOf(error);
  if (bad) {
    const body = { ...named, ...bad };
    return new Response(JSON.stringify(body), { status: 400, headers: HEADERS });
  }
  return refused(error, (status, errorDetails) => ({
    ...named,
    // To a provider that asks for one flag, 404 means that there is none.
    errorCode: status === 404 && key !== undefined ? "FLAG_NOT_FOUND" : "GENERAL",
    errorDetails,
  }));
}

/** Return what OFREP says of input that cannot be evaluated; undefined where *error* is another. */
function badInputOf(error: unknown): { errorCode: string; errorDetails: string } | undefined {
  if (!(error instanceof Error)) return undefined;
  const errorDetails = error.message;
  if (error instanceof BadBody) return { errorCode: "PARSE_ERROR", errorDetails };
  if (error instanceof BadContext) return { errorCode: "INVALID_CONTEXT", errorDetails };
  const isGeneral = error instanceof Refusal && error.kind === "bad-input";
  return isGeneral ? { errorCode: "GENERAL", errorDetails } : undefined;
}

/** An answer in which a membership was not known holds for the moment only: it has no tag. */
export function isComplete(details: readonly Detail[]): boolean {
  return !details.some(({ membershipUnknown }) => membershipUnknown);
}

function checkedContext(body: string): unknown {
  const context = contextIn(body);
  kindsOf(context);
  return context;
}

function notFound(key: string): object {
  return failure(key, "FLAG_NOT_FOUND", `There is no flag '${key}' for this key.`);
}

function all(details: readonly Detail[], scope: Scope): string {
  const metadata = { flagSetId: scope.environment, version: scope.position };
  const flags = details.map(detail => written(detail, scope));
  return `{"flags":[${flags.join(",")}],"metadata":${JSON.stringify(metadata)}}`;
}

async function tagOf(scope: Scope, body: string): Promise<string> {
  const parts = [scope.environment, scope.position, scope.side ?? "server", body];
  return `"${(await hexDigest("SHA-256", parts.join("\0"))).slice(0, 32)}"`;
}

function respond(
  status: number,
  body: string,
  scope: Scope,
  more: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, { status, headers: { ...HEADERS, ...scope.headers, ...more } });
}
