import { suggestNames } from "@waybill/core";

/** Closest names as the beginning of a remedy: `Did you mean 'a' or 'b'? `; empty where none is close. */
export function spellingHint(name: string, known: Iterable<string>): string {
  const suggestions = suggestNames(name, known);
  if (suggestions.length === 0) return "";
  return `Did you mean ${suggestions.map((suggestion) => `'${suggestion}'`).join(" or ")}? `;
}

/** How many names a message lists: past this nobody reads on. */
const MAX_LISTED = 20;

/** `a, b, c` in the given order, cut after 20 with the number of those left out; `none` for an empty list. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const listed = names.slice(0, MAX_LISTED).join(", ");
  return names.length > MAX_LISTED ? `${listed} and ${names.length - MAX_LISTED} more` : listed;
}
