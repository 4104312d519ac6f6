/** Longest text that replacing variables may make, in characters. Stops values that double themselves. */
export const MAX_TEXT_LENGTH = 1_048_576;

/** Characters that replacing variables may make in all, for one pipeline. */
export const MAX_TOTAL_LENGTH = 64 * 1_048_576;

/** Variables in a chain of values that refer to one another. */
export const MAX_CHAIN = 32;

/** References inside references in one text, as in `${A:-${B:-${C}}}`. */
export const MAX_NESTING = 32;

/** The same in deferred text, where templates have taken the place of names. */
export const MAX_DEFERRED_NESTING = 64;

/** Lengths for messages. */
export const MAX_TEXT_NAME = "1 MiB";
export const MAX_TOTAL_NAME = "64 MiB";
