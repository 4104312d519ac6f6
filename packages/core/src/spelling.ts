import { distance } from "fastest-levenshtein";

const MAX_SUGGESTIONS = 3;

/** Nobody misspells a name this long by accident; comparing it would cost length squared. */
const MAX_NAME_LENGTH = 100;

/** Candidates looked at. One call over this many short names takes a few milliseconds. */
const MAX_CANDIDATES = 10_000;

/**
 * Known names that `name` may be a misspelling of, for "did you mean …?".
 *
 * Compares by edit distance, ignoring case. One edit is forgiven in a name of up to three characters, two up to
 * eight (so that a swapped pair of letters counts as close), a third of the characters beyond that.
 *
 * @param name - the name that was not found; never suggested itself
 * @param known - the names there are; only the first 10,000 are compared
 * @returns at most three names, closest first, in the order of `known` where equally close; empty if none is close
 */
export function suggestNames(name: string, known: Iterable<string>): string[] {
  if (name.length === 0 || name.length > MAX_NAME_LENGTH) return [];
  const wanted = name.toLowerCase();
  const limit = forgivenEdits(wanted.length);
  const found = new Map<string, number>();
  let compared = 0;
  for (const candidate of known) {
    compared += 1;
    if (compared > MAX_CANDIDATES) break;
    if (candidate === name || Math.abs(candidate.length - name.length) > limit) continue;
    const edits = distance(wanted, candidate.toLowerCase());
    // All characters replaced is another name, not a misspelling.
    if (edits <= limit && edits < wanted.length) found.set(candidate, edits);
  }
  return [...found]
    .toSorted(([, a], [, b]) => a - b)
    .slice(0, MAX_SUGGESTIONS)
    .map(([candidate]) => candidate);
}

function forgivenEdits(length: number): number {
  if (length <= 3) return 1;
  return Math.max(2, Math.floor(length / 3));
}
