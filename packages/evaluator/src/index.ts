/** Pennon's evaluator: a datafile in, answers out; pure, synchronous, without dependencies. */

export type * from "./flag.ts";
