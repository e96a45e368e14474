/** One flag, read from what is held. */
import type { Flag, Payload } from "./payload.ts";

/** Where answers come from: the page, what the last visit left, or the edge. */
export type Source = "bootstrap" | "cache" | "edge";

/** What a client knows, until it knows something else: then there is another snapshot. */
export interface Snapshot extends Payload {
  /** Absent as long as nothing is known. */
  readonly source?: Source;
  /** Whether updates are asked for and have not come, or come no more. */
  readonly stale: boolean;
}

/** The value that a flag serves, and where it is from. */
export interface Answer<T> {
  readonly flag: string;
  /** The caller's default where there is no `source`. */
  readonly value: T;
  readonly source?: Source | undefined;
  readonly variation?: number | undefined;
  readonly ruleId?: string | undefined;
  readonly errorCode?: "NOT_READY" | "FLAG_NOT_FOUND" | "TYPE_MISMATCH";
}

/** Return what a flag serves; where *fallback* has no simple type, or it is *any*, any value. */
export function read<T>(
  { flags, source }: Snapshot,
  flag: string,
  fallback: T,
  any = typeof (fallback ?? {}) === "object",
): Answer<T> & { readonly track?: boolean | undefined } {
  const found: Flag | undefined = Object.hasOwn(flags, flag) ? flags[flag] : undefined;
  if (found && (any || typeof found.value === typeof fallback)) {
    return { flag, source, ...found, value: found.value as T };
  }
  const errorCode = found ? "TYPE_MISMATCH" : source ? "FLAG_NOT_FOUND" : "NOT_READY";
  return { flag, value: fallback, errorCode };
}
