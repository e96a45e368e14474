/** Pennon in a page or an app: see docs/browser.md. */
export type { Answer, Snapshot, Source } from "./answer.ts";
export { type Client, createClient, type Options } from "./client.ts";
export { type Context, contextHash } from "./context.ts";
export { type Events, events, type Properties, type Recorder } from "./events.ts";
export type { FlagTypes, KeyOf, ValueOf } from "./keys.ts";
export type { Edge, Fetch, Link, Updates } from "./link.ts";
export type { Flag, Flags, Payload } from "./payload.ts";
export { poll } from "./poll.ts";
export { stream } from "./stream.ts";
