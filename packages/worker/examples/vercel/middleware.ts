/** Flags in Vercel's Routing Middleware, beside the site that it guards. */
import { handle, httpParent, Tiers, type WaitUntil } from "@pennon/worker";

declare const process: { readonly env: Readonly<Record<string, string>> };

const { PENNON_URL = "", PENNON_RELAY_KEY = "" } = process.env;

const flags = new Tiers({
  parents: [httpParent(PENNON_URL, PENNON_RELAY_KEY)],
  now: Date.now,
  maxAgeMs: 500,
  waitMs: 200,
  coldMs: 2_000,
});

export const config = { matcher: ["/ofrep/:path*", "/bootstrap/:path*"] };

export default function middleware(
  request: Request,
  context: { waitUntil: WaitUntil },
): Promise<Response> {
  const waitUntil: WaitUntil = work => context.waitUntil(work);
  return handle(request, { flags, now: Date.now, waitUntil });
}
