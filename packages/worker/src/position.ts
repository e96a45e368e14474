/** Where an environment stands: an epoch and a version, written `EPOCH.version`. */

export interface Position {
  readonly epoch: string;
  readonly version: number;
}

/** The reserved environment that carries keys and the names of environments. */
export const ACCESS = "$access";

export function written({ epoch, version }: Position): string {
  return `${epoch}.${version}`;
}

/** Return the position that *text* names, or undefined when it names none. */
export function positionOf(text: string): Position | undefined {
  const [, epoch, version] = /^(\d{13}-[0-9a-f]{8})\.(0|[1-9]\d{0,15})$/.exec(text) ?? [];
  return epoch === undefined ? undefined : { epoch, version: Number(version) };
}

/** Return a negative number when *one* is older than *other*, 0 when they are the same. */
export function compare(one: Position, other: Position): number {
  if (one.epoch !== other.epoch) return one.epoch < other.epoch ? -1 : 1;
  return one.version - other.version;
}
