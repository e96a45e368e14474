/** Flags at every Cloudflare location: `npx wrangler deploy` beside wrangler.jsonc. */
import { createWorker, FlagHub } from "@pennon/worker/cloudflare";

export { FlagHub };
export default createWorker();
