/** Pennon's flags in V8 isolates: one handler, and where its flags come from. */

export type { Deps } from "./deps.ts";
export type { Flags, Held, WaitUntil } from "./flags.ts";
export { handle } from "./handler.ts";
export type { Page } from "./page.ts";
export { httpParent, type Parent, type Store } from "./parents.ts";
export { bootstrapTag, type TagOptions } from "./tag.ts";
export { type TierOptions, Tiers } from "./tiers.ts";
