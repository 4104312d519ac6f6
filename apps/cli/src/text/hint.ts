import { suggestNames } from "@waybill/core";

/** The names that may have been meant, else those there are: at most 20. */
export function hintFor(name: string, known: Iterable<string>, what: string): string {
  const names = [...known];
  const close = suggestNames(name, names);
  return close.length > 0 ? `Did you mean ${close.join(" or ")}?` : `Its ${what} are ${names.slice(0, 20).join(", ")}.`;
}
