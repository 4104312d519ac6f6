import { suggestNames } from "@waybill/core";

/** More names than this in one message help nobody. */
const MAX_LISTED = 20;

/** `a, b, c`, or `a, b and 12 more`; `none` when there are no names. */
export function listNames(names: readonly string[], limit: number = MAX_LISTED): string {
  if (names.length === 0) return "none";
  if (names.length <= limit) return names.join(", ");
  return `${names.slice(0, limit).join(", ")} and ${names.length - limit} more`;
}

/** `Did you mean "build"? ` (with the space that separates it from what follows), or nothing if no name is close. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const close = suggestNames(name, known).map((candidate) => `"${candidate}"`);
  return close.length === 0 ? "" : `Did you mean ${close.join(" or ")}? `;
}

/** A cycle as people read it: `a → b → a`, where the arrow reads "depends on". The middle of a long one is left out. */
export function cycleChain(cycle: readonly string[]): string {
  const left = cycle.length - MAX_LISTED;
  const shown = left <= 0 ? cycle : [...cycle.slice(0, MAX_LISTED), `… ${left} more …`];
  return [...shown, cycle[0]].join(" → ");
}
