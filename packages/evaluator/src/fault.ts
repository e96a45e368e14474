/** What stops an evaluation: a malformed part that was reached, or a context that lacks something. */

export type ErrorCode =
  | "FLAG_NOT_FOUND"
  | "PARSE_ERROR"
  | "TARGETING_KEY_MISSING"
  | "INVALID_CONTEXT";

/** Thrown inside the evaluator only, and no Error: taking a stack would cost microseconds. */
export interface Fault {
  readonly reason: "ERROR";
  readonly errorCode: ErrorCode;
  readonly errorMessage: string;
}

export function fault(errorCode: ErrorCode, errorMessage: string): Fault {
  return { reason: "ERROR", errorCode, errorMessage };
}

export function malformed(message: string): Fault {
  return fault("PARSE_ERROR", message);
}

/** Return what *make* makes; when it throws, a function that throws the same once it is reached. */
export function lazily<A extends unknown[], R>(make: () => (...args: A) => R): (...args: A) => R {
  try {
    return make();
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
