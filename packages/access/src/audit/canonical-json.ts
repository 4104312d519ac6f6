/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * The one text of a value, whatever order its names were written in: names sorted by their UTF-16 code units, no spaces,
 * numbers and strings as `JSON.stringify` writes them (RFC 8785).
 *
 * @throws TypeError for numbers that JSON cannot say
 */
export function canonicalJson(value: Json): string {
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError(`${value} is no JSON`);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const pairs = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name] ?? null)}`);
  return `{${pairs.join(",")}}`;
}

function isArray(value: object): value is readonly Json[] {
  return Array.isArray(value);
}
