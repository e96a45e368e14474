/** Pennon's evaluator: a datafile in, answers out; pure, synchronous, without dependencies. */

export type { Detail, Reason } from "./detail.ts";
export { evaluate, evaluateAll } from "./evaluate.ts";
export type { ErrorCode } from "./fault.ts";
export type * from "./flag.ts";
export { compile, type Ruleset, updateFlag, updateSegment } from "./ruleset.ts";
export type { Membership, Memberships } from "./run.ts";
