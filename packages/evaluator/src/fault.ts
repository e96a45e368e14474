/** What stops an evaluation: a malformed part that was reached, or a context that lacks something. */

export type ErrorCode =
  | "FLAG_NOT_FOUND"
  | "PARSE_ERROR"
  | "TARGETING_KEY_MISSING"
  | "INVALID_CONTEXT";

/** Thrown inside the evaluator only, and no Error: taking a stack would cost microseconds. */
export interface Fault {
  readonly errorCode: ErrorCode;
  readonly errorMessage: string;
  /** The flag that a cycle of prerequisites came back to. */
  readonly cycle?: unknown;
}

export function fault(errorCode: ErrorCode, errorMessage: string): Fault {
  return { errorCode, errorMessage };
}

export function malformed(errorMessage: string): Fault {
  return fault("PARSE_ERROR", errorMessage);
}

/**
 * Return the function that *make* makes of *args*; when it throws, one that throws the same.
 *
 * *make* should be declared once: engines learn from its calls how to run what it makes.
 */
export function lazily<A extends unknown[], B extends unknown[], R>(
  make: (...args: A) => (...args: B) => R,
  ...args: A
): (...args: B) => R {
  try {
    return make(...args);
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
