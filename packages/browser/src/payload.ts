/** What an edge says of a context's flags, in a page and over a stream: see docs/bootstrap.md. */

/** What one flag serves the context; `variation` is the index among the flag's variations. */
export interface Flag {
  readonly value: unknown;
  readonly variation: number;
  /** Whether using it is to be told of, and by which rule it was served. */
  readonly track?: boolean;
  readonly ruleId?: string;
}

export type Flags = Readonly<Record<string, Flag>>;

/** An environment at one version, as it serves one context. */
export interface Payload {
  readonly flags: Flags;
  /** `v` and the environment's version, which counts within the epoch. */
  readonly version?: string;
  readonly epoch?: string;
  /** What a stream that begins with this goes on from. */
  readonly state?: string;
  /** Whom it is for; see `contextHash`. */
  readonly contextHash?: string | undefined;
}

/** Return whether *one* is of an earlier moment than *other*. */
export function isOlder(one: Payload, other: Payload): boolean {
  return momentOf(one) < momentOf(other);
}

/** Return a text that sorts by time, as epochs do, which are of one length. */
function momentOf({ epoch = "", version = "" }: Payload): string {
  // A blank sorts before any sign, so that v9 is before v10.
  return epoch + version.padStart(17);
}
