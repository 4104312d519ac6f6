import { advance, isMatch, parseGlob, start, type Track } from "@waybill/core";

/** Patterns in order, the last that matches deciding; `!` takes out again. */
export interface PatternList {
  isSelected(path: string): boolean;
}

interface Rule {
  readonly selects: boolean;
  readonly tracks: readonly Track[];
}

/** @param patterns as a pipeline file has them; one that the file's check would refuse matches nothing */
export function patternList(patterns: readonly string[]): PatternList {
  const rules = patterns.map((pattern): Rule => {
    const selects = !pattern.startsWith("!");
    return { selects, tracks: parseGlob(selects ? pattern : pattern.slice(1)) ?? [] };
  });
  // Who only says what he does not want wants all the rest.
  const selectsAtFirst = rules[0]?.selects === false;
  return {
    isSelected(path) {
      const names = path.split("/");
      return rules.findLast(({ tracks }) => tracks.some((track) => matches(track, names)))?.selects ?? selectsAtFirst;
    },
  };
}

function matches(track: Track, names: readonly string[]): boolean {
  let positions = start(track);
  for (const name of names) {
    positions = advance(track, positions, name);
    if (positions.length === 0) return false;
  }
  return isMatch(track, positions);
}
