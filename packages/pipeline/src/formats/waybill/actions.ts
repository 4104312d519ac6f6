/** Predefined actions of a step, by name. None yet; the field is part of the language so that they can come. */
export const KNOWN_ACTIONS: ReadonlySet<string> = new Set();
