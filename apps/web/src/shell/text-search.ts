/**
 * Reads parts of an address as text, for `validateSearch`: what is not there, empty or not text is left out. An address is
 * written by people: a branch may be `12` or `true`.
 */
export function textSearch<Name extends string>(
  ...names: readonly Name[]
): (search: Record<string, unknown>) => { readonly [Each in Name]?: string } {
  return (search) => {
    const given: Partial<Record<Name, string>> = {};
    for (const name of names) {
      const value = search[name];
      const isText = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
      if (isText && value !== "") given[name] = String(value);
    }
    return given;
  };
}
