/*
 * Patterns of paths: `*` and `?` within a name, `**` for any directories, `[a-z]`, `[!a-z]`, `{one,two}`, and `\`
 * before a character that should mean itself. Names that begin with a dot are matched like all others.
 *
 * A matcher of our own, for two reasons. A pattern comes from a repository and the names from a job, and libraries turn
 * patterns into regular expressions, which some pairs of pattern and name keep busy for ever; here a name costs at
 * most its length times the pattern's. And it is matched name by name on the way down, so that directories in which
 * nothing can match are never opened.
 */

/** Any directories (`**`), a literal name, or a name with wildcards. */
type Segment = typeof ANY_DIRECTORIES | string | readonly Token[];

type Token =
  | { readonly kind: "any" }
  | { readonly kind: "one" }
  | { readonly kind: "character"; readonly character: string }
  | { readonly kind: "class"; readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] };

const ANY_DIRECTORIES = Symbol("**");

/** One way through a pattern; braces make several of them. */
export type Track = readonly Segment[];

/** Positions in a track that the names so far can have led to. */
export type Positions = readonly number[];

/** More than this many alternatives is a mistake or an attack (`{a,b}{a,b}{a,b}…` doubles with each pair). */
export const MAX_ALTERNATIVES = 256;

/** The tracks of a pattern; null where its braces make too many. */
export function parseGlob(pattern: string): readonly Track[] | null {
  const alternatives = expandBraces(pattern);
  return alternatives?.map((alternative) => namesOf(alternative).map(parseSegment)) ?? null;
}

/** The track that matches this path and nothing else. */
export function literalTrack(path: string): Track {
  return namesOf(path);
}

export function start(track: Track): Positions {
  return close(track, new Set([0]));
}

/** One name further down. No positions left: nothing here or below can match. */
export function advance(track: Track, positions: Positions, name: string): Positions {
  const next = new Set<number>();
  for (const position of positions) {
    const segment = track[position];
    if (segment === ANY_DIRECTORIES) next.add(position);
    else if (segment !== undefined && matchesName(segment, name)) next.add(position + 1);
  }
  return close(track, next);
}

/** Whether the names so far match the whole pattern. */
export function isMatch(track: Track, positions: Positions): boolean {
  return positions.includes(track.length);
}

/** `**` may also stand for no directory at all. */
function close(track: Track, positions: Set<number>): Positions {
  for (const position of positions) {
    if (track[position] === ANY_DIRECTORIES) positions.add(position + 1);
  }
  return [...positions];
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

/** Innermost first, so that nested braces need no stack. Null: too many. */
function expandBraces(pattern: string): readonly string[] | null {
  const done: string[] = [];
  const open = [pattern];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const brace = /(?<!\\)\{([^{},]*(?:,[^{},]*)+)\}/.exec(next);
    if (brace === null) {
      done.push(next);
      continue;
    }
    const before = next.slice(0, brace.index);
    const after = next.slice(brace.index + brace[0].length);
    const alternatives = (brace[1] ?? "").split(",");
    if (done.length + open.length + alternatives.length > MAX_ALTERNATIVES) return null;
    open.push(...alternatives.toReversed().map((alternative) => before + alternative + after));
  }
  return done;
}

function parseSegment(text: string): Segment {
  if (text === "**") return ANY_DIRECTORIES;
  if (!/[*?[\\]/.test(text)) return text;
  const tokens: Token[] = [];
  const characters = Array.from(text);
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? "";
    if (character === "\\" && at + 1 < characters.length) {
      at += 1;
      tokens.push({ kind: "character", character: characters[at] ?? "" });
    } else if (character === "*") {
      if (tokens.at(-1)?.kind !== "any") tokens.push({ kind: "any" });
    } else if (character === "?") {
      tokens.push({ kind: "one" });
    } else if (character === "[" && characters.indexOf("]", at + 2) !== -1) {
      const end = characters.indexOf("]", at + 2);
      tokens.push(parseClass(characters.slice(at + 1, end)));
      at = end;
    } else {
      tokens.push({ kind: "character", character });
    }
  }
  return tokens;
}

function parseClass(characters: readonly string[]): Token {
  const negated = characters.length > 1 && (characters[0] === "!" || characters[0] === "^");
  const body = negated ? characters.slice(1) : characters;
  const ranges: [string, string][] = [];
  for (let at = 0; at < body.length; at += 1) {
    const from = body[at] ?? "";
    const to = body[at + 1] === "-" ? body[at + 2] : undefined;
    ranges.push([from, to ?? from]);
    if (to !== undefined) at += 2;
  }
  return { kind: "class", negated, ranges };
}

/** Goes back at most to the last `*`, which is all a name ever needs: no more than name times pattern steps. */
function matchesName(segment: string | readonly Token[], name: string): boolean {
  if (typeof segment === "string") return segment === name;
  const characters = Array.from(name);
  let token = 0;
  let at = 0;
  let lastAny = -1;
  let resumeAt = 0;
  while (at < characters.length) {
    const current = segment[token];
    if (current?.kind === "any") {
      lastAny = token;
      resumeAt = at;
      token += 1;
    } else if (current !== undefined && matchesCharacter(current, characters[at] ?? "")) {
      token += 1;
      at += 1;
    } else if (lastAny !== -1) {
      resumeAt += 1;
      at = resumeAt;
      token = lastAny + 1;
    } else {
      return false;
    }
  }
  while (segment[token]?.kind === "any") token += 1;
  return token === segment.length;
}

function matchesCharacter(token: Token, character: string): boolean {
  switch (token.kind) {
    case "any":
    case "one":
      return true;
    case "character":
      return token.character === character;
    case "class":
      return token.negated !== token.ranges.some(([from, to]) => from <= character && character <= to);
  }
}
