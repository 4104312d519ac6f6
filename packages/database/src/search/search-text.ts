/** What a text in the box of the search could mean. */
export interface SearchText {
  /** Without spaces at its ends and without what marks a number. */
  readonly text: string;
  /** For `like` with `\` as its escape, on names in lower case. */
  readonly pattern: string;
  /** Of a run or a pull request; null: it is no number. */
  readonly number: number | null;
  /** `#12`, `!12`: it can be nothing but a number. */
  readonly isMarked: boolean;
  readonly idPrefix: string | null;
  readonly shaPrefix: string | null;
  /** Beginnings of refs that are no branches and no tags: of pull requests. */
  readonly refPrefixes: readonly string[];
}

export function readSearch(searched: string): SearchText {
  const trimmed = searched.trim();
  const [, digits] = /^[#!]?(\d{1,9})$/.exec(trimmed) ?? [];
  const number = digits === undefined ? null : Number(digits);
  const text = (number === null ? trimmed : (digits ?? "")).replace(/^refs\/(?:heads|tags)\/(?=.)/, "");
  const lower = text.toLowerCase();
  const pulls = number === null ? [] : [`refs/pull/${number}/`, `refs/merge-requests/${number}/`];
  return {
    text,
    pattern: `%${lower.replaceAll(/[\\%_]/g, "\\$&")}%`,
    number,
    isMarked: number !== null && trimmed !== digits,
    idPrefix: /^[0-9a-f][0-9a-f-]{7,35}$/.test(lower) ? lower : null,
    shaPrefix: /^[0-9a-f]{4,64}$/.test(lower) ? lower : null,
    refPrefixes: text.startsWith("refs/") ? [text] : pulls,
  };
}

/** How alike a name is to a text: 0 the same, 1 it begins with it, 2 one of its words does, 3 it holds it, 4 it does not. */
export function rankOf(name: string, text: string): number {
  const [one, other] = [name.toLowerCase(), text.toLowerCase()];
  if (one === other) return 0;
  const at = one.indexOf(other);
  if (at <= 0) return at === 0 ? 1 : 4;
  for (let next = at; next > 0; next = one.indexOf(other, next + 1)) {
    if (/[^\p{L}\p{N}]/u.test(one[next - 1] ?? "")) return 2;
  }
  return 3;
}
