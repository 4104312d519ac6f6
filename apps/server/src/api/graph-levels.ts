/**
 * Of each job the longest way from one that waits for none: 0 for such a one.
 * @param before the jobs that each waits for; there are no circles
 */
export function levelsOf(before: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, number> {
  const levels = new Map<string, number>();
  const open = [...before.keys()];
  for (let name = open.at(-1); name !== undefined; name = open.at(-1)) {
    const waitsFor = before.get(name) ?? [];
    const missing = waitsFor.filter((each) => !levels.has(each));
    if (missing.length > 0) open.push(...missing);
    else {
      levels.set(name, Math.max(-1, ...waitsFor.map((each) => levels.get(each) ?? 0)) + 1);
      open.pop();
    }
  }
  return levels;
}
