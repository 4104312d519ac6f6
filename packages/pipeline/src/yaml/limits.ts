/** Levels of nesting. A pipeline needs about eight; the library's composer is recursive. */
export const MAX_DEPTH = 100;

/**
 * Lexical tokens (words, signs, stretches of spaces) of one file. The library needs about half a kilobyte for each, so
 * that 8 MiB of brackets and commas would take gigabytes. 10,000 jobs with three steps each have about 1.4 million.
 */
export const MAX_TOKENS = 2_000_000;

/**
 * Size of the document with its aliases written out: characters, and 16 more for each value. Later phases take time in
 * proportion to it. 10,000 jobs that share their steps through anchors have about 20 million.
 */
export const MAX_EXPANDED_SIZE = 64 * 1024 * 1024;

/** Syntax errors of one document that are looked into. The collector keeps fewer. */
export const MAX_SYNTAX_ERRORS = 1000;

/** Documents reported one by one; each costs the library far more memory than its three characters. */
export const MAX_DOCUMENTS = 20;

/** Bad escapes in one quoted text that are reported one by one. */
export const MAX_BAD_ESCAPES = 20;
