/** A job's place in the drawn tree. */
export interface TreeEntry {
  readonly job: string;
  /** `├─ `, `│  └─ ` …: what stands before the job's mark. Empty for a job that depends on nothing. */
  readonly prefix: string;
}

/** Deeper levels are drawn at this depth, or a long chain would leave the screen. */
const MAX_DEPTH = 8;

/**
 * Draws the graph as a tree, each job once: below the last of its dependencies to be ready, which is the one it
 * really waits for. Siblings keep their order. Takes time linear in jobs and dependencies, without recursion.
 *
 * @param dependencies - job -> what it depends on, every dependency being a key too, without cycles
 */
export function treeOrder(dependencies: ReadonlyMap<string, readonly string[]>): TreeEntry[] {
  const levels = levelsOf(dependencies);
  const children = new Map<string | null, string[]>();
  for (const [job, needs] of dependencies) {
    const parent = needs.toSorted((a, b) => (levels.get(b) ?? 0) - (levels.get(a) ?? 0))[0] ?? null;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [job]);
    else siblings.push(job);
  }
  const entries: TreeEntry[] = [];
  const stack = (children.get(null) ?? []).toReversed().map((job) => ({ job, prefix: "", indent: "", depth: 0 }));
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { job, prefix, indent, depth } = next;
    entries.push({ job, prefix });
    const below = children.get(job) ?? [];
    for (const [index, child] of below.toReversed().entries()) {
      const isLast = index === 0;
      const deeper = depth < MAX_DEPTH;
      stack.push({
        job: child,
        prefix: indent + (isLast ? "└─ " : "├─ "),
        indent: deeper ? indent + (isLast ? "   " : "│  ") : indent,
        depth: depth + 1,
      });
    }
  }
  return entries;
}

function levelsOf(dependencies: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, number> {
  const waiting = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  for (const [job, needs] of dependencies) {
    waiting.set(job, needs.length);
    for (const need of needs) dependents.set(need, [...(dependents.get(need) ?? []), job]);
  }
  const levels = new Map<string, number>();
  let level = [...waiting].filter(([, count]) => count === 0).map(([job]) => job);
  for (let depth = 0; level.length > 0; depth++) {
    const next: string[] = [];
    for (const job of level) {
      levels.set(job, depth);
      for (const dependent of dependents.get(job) ?? []) {
        const left = (waiting.get(dependent) ?? 0) - 1;
        waiting.set(dependent, left);
        if (left === 0) next.push(dependent);
      }
    }
    level = next;
  }
  return levels;
}
