/** Longest source of an expression, in characters. */
export const MAX_EXPRESSION_LENGTH = 16_384;

/** Deepest tree; a chain of operators counts one level per operator. Keeps every recursion far from the stack's end. */
export const MAX_EXPRESSION_DEPTH = 200;

/**
 * Steps of one evaluation. An operation is one step, an element of a list another, and work on long text as many as
 * it takes the time of: a step is at most about half a microsecond.
 */
export const MAX_EXPRESSION_STEPS = 100_000;

/** Steps of all expressions and replacements of one pipeline, or of one text that a run completes. */
export const MAX_TOTAL_STEPS = 10_000_000;

/** Longest text an operation may take or make, in characters. */
export const MAX_VALUE_LENGTH = 1_048_576;

/** Longest text to search for. */
export const MAX_NEEDLE_LENGTH = 1024;

/** Deepest nesting of a JSON value. */
export const MAX_VALUE_DEPTH = 64;

/** Milliseconds one evaluation may take. The other limits end it long before on any working machine. */
export const MAX_EVALUATION_MS = 5000;
