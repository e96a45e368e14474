/** The JSON that is evaluated: a datafile with its flags and segments, as the wire carries them. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json;
}

/** An environment at one version. Fields that evaluation does not need are left out. */
export interface Datafile {
  readonly environment: string;
  readonly epoch: string;
  readonly version: number;
  readonly digest: string;
  readonly flags: Readonly<Record<string, Flag>>;
  readonly segments: Readonly<Record<string, Segment>>;
}

export type FlagType = "boolean" | "string" | "integer" | "float" | "json";

export interface Flag {
  readonly key: string;
  readonly type: FlagType;
  readonly version?: number;
  readonly enabled?: boolean;
  readonly variations?: readonly Variation[];
  readonly off?: string | null;
  readonly requires?: readonly Prerequisite[];
  readonly targets?: readonly Target[];
  readonly rules?: readonly Rule[];
  readonly default: Serve;
  readonly salt?: string;
  readonly clientSide?: ClientSide;
  readonly track?: "none" | "experiments" | "all";
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
  readonly needs?: readonly string[];
}

/** Which client-side keys may see the flag's values. */
export interface ClientSide {
  readonly web?: boolean;
  readonly mobile?: boolean;
}

export interface Variation {
  readonly name: string;
  readonly value: Json;
  readonly description?: string | null;
}

/** Another flag that must serve one of the variations named in `is`. */
export interface Prerequisite {
  readonly flag: string;
  readonly is: readonly string[];
}

export interface Target extends Members {
  readonly variation: string;
}

/** `when` is ANDed (empty matches everyone); the first rule that matches serves. */
export interface Rule {
  readonly id: string;
  readonly name?: string | null;
  readonly when?: readonly Condition[];
  readonly serve: Serve;
}

/** What is served: `variation`, or a weighted `split` over the attribute `by` of `kind`. */
export interface Serve {
  readonly variation?: string | null;
  readonly split?: readonly WeightedVariation[] | null;
  readonly by?: string;
  readonly kind?: string;
  readonly seed?: number | null;
  readonly experiment?: string | null;
}

/** A share of a split: `weight` of 100,000. `untracked` keeps it out of the experiment. */
export interface WeightedVariation {
  readonly variation: string;
  readonly weight: number;
  readonly untracked?: boolean;
}

/** One condition, in exactly one of five forms: a clause, a segment, `any`, `all` or `not`. */
export interface Condition {
  readonly attribute?: string | null;
  readonly op?: string | null;
  readonly values?: readonly Json[];
  readonly negate?: boolean;
  readonly kind?: string;
  readonly segment?: string | null;
  readonly any?: readonly Condition[] | null;
  readonly all?: readonly Condition[] | null;
  readonly not?: Condition | null;
}

/** Context keys of one kind. */
export interface Members {
  readonly kind?: string;
  readonly keys?: readonly string[];
}

export interface Segment {
  readonly key: string;
  readonly version?: number;
  readonly salt?: string;
  readonly include?: readonly Members[];
  readonly exclude?: readonly Members[];
  readonly rules?: readonly SegmentRule[];
  readonly external?: { readonly kind?: string } | null;
}

/** Conditions that must all hold, and an optional share (of 100,000) of those who meet them. */
export interface SegmentRule {
  readonly id: string;
  readonly when?: readonly Condition[];
  readonly weight?: number | null;
  readonly by?: string;
  readonly kind?: string;
}
