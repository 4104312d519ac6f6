import { systemClock, type Clock } from "@waybill/core";

/** Longest source of an expression, in characters. */
export const MAX_EXPRESSION_LENGTH = 16_384;

/** Deepest tree; a chain of operators counts one level per operator. Keeps every recursion far from the stack's end. */
export const MAX_EXPRESSION_DEPTH = 200;

/** Operations of one evaluation; an element of a list counts as one. */
export const MAX_EXPRESSION_STEPS = 100_000;

/** Longest text an operation may take or make, in characters. */
export const MAX_VALUE_LENGTH = 1_048_576;

/** Longest text to search for. Bounds the worst case of a search (length times length of the needle). */
export const MAX_NEEDLE_LENGTH = 1024;

/** Deepest nesting of a JSON value. */
export const MAX_VALUE_DEPTH = 64;

/** Milliseconds one evaluation may take. The other limits end it long before on any working machine. */
export const MAX_EVALUATION_MS = 5000;

export interface EvaluationOptions {
  /** Measures the time limit. */
  readonly clock?: Pick<Clock, "now">;
  /** Keeps values out of messages: set where secrets take part. */
  readonly redact?: boolean;
}

export const DEFAULT_EVALUATION_CLOCK: Pick<Clock, "now"> = systemClock;
