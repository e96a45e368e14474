/** Reads the cases that every evaluator shares, from `conformance/` at the root of the project. */
import { readdirSync, readFileSync } from "node:fs";
import type { Condition, Detail, Flag, Json, Membership, Segment } from "@pennon/evaluator";

const ROOT = new URL("../../../../conformance/", import.meta.url);

export interface EvaluationCase {
  readonly name: string;
  readonly flags?: Record<string, Flag>;
  readonly segments?: Record<string, Segment>;
  readonly evaluations: readonly {
    readonly flag: string;
    readonly context: Json;
    readonly memberships?: Record<string, Record<string, Membership>>;
    readonly expect: Partial<Detail>;
    readonly openfeature?: string;
  }[];
}

export interface ClauseCase {
  readonly name: string;
  readonly when: readonly Condition[];
  readonly segments?: Record<string, Segment>;
  readonly context: Json;
  readonly match: boolean | "PARSE_ERROR";
}

export interface Bucketing {
  readonly hashes: readonly {
    readonly name: string;
    readonly prefix: string;
    readonly value: Json;
    readonly hex: string | null;
    readonly n: string;
  }[];
  readonly thresholds: readonly { readonly weight: number; readonly n: string }[];
  readonly choices: readonly {
    readonly weights: readonly number[];
    readonly prefix: string;
    readonly value: Json;
    readonly index: number;
  }[];
}

export interface Patterns {
  readonly valid: readonly {
    readonly name: string;
    readonly pattern: string;
    readonly repeat?: number;
    readonly matches: readonly string[];
    readonly misses: readonly string[];
  }[];
  readonly invalid: readonly { readonly name: string; readonly pattern: string }[];
}

/** Return the content of a file; *name* is its path below `conformance/`. */
export function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, ROOT), "utf8")) as T;
}

/** Return each JSON file of a folder with its cases. */
export function readAll<T>(folder: string): [string, readonly T[]][] {
  return readdirSync(new URL(folder, ROOT))
    .filter(name => name.endsWith(".json"))
    .sort()
    .map(name => [name, read<{ cases: readonly T[] }>(`${folder}${name}`).cases]);
}
