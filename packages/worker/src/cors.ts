/**
 * Cross-origin requests: what a browser must be told before a page may read an answer.
 *
 * A page's key is public and there are no cookies, so that by default every page may ask.
 */

const REQUEST_HEADERS =
  "authorization, baggage, content-type, if-none-match, last-event-id, traceparent, tracestate, " +
  "x-api-key, x-pennon-environment";
const ANSWER_HEADERS = "etag, retry-after, x-pennon-stale, x-pennon-version";
/** Two hours: the longest that Chromium remembers a preflight. */
const MAX_AGE_SECONDS = 7_200;

type Pages = readonly string[] | undefined;

/** Return *answer* with what lets the page that asks read it. */
export function shared(request: Request, answer: Response, pages: Pages): Response {
  for (const [name, value] of headersFor(request, pages)) answer.headers.append(name, value);
  return answer;
}

/** Answer what a browser asks before it asks. */
export function preflight(request: Request, pages: Pages): Response {
  const told: [string, string][] = [
    ["access-control-allow-methods", "POST"],
    ["access-control-allow-headers", REQUEST_HEADERS],
    ["access-control-max-age", `${MAX_AGE_SECONDS}`],
  ];
  return new Response(null, { status: 204, headers: [...headersFor(request, pages), ...told] });
}

function headersFor(request: Request, pages: Pages): [string, string][] {
  const origin = request.headers.get("origin");
  if (origin === null) return [];
  const exposed: [string, string] = ["access-control-expose-headers", ANSWER_HEADERS];
  if (!pages) return [["access-control-allow-origin", "*"], exposed];
  if (!pages.includes(origin)) return [["vary", "origin"]];
  return [["access-control-allow-origin", origin], ["vary", "origin"], exposed];
}
