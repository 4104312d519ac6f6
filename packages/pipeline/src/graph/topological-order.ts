import { edgesOf, type Adjacency } from "./adjacency.ts";

/** What Kahn's algorithm finds. */
export interface TopologicalOrder {
  /** Level k holds the jobs whose longest chain of dependencies has k jobs; in the order of the file. */
  readonly levels: readonly (readonly number[])[];
  /** Jobs on a cycle, and jobs that wait for one (directly or not), in the order of the file. Empty: there is no cycle. */
  readonly blocked: readonly number[];
}

/** Kahn's algorithm, level by level. O(jobs + dependencies). */
export function topologicalOrder({ names, dependencies, dependents }: Adjacency): TopologicalOrder {
  const remaining = Int32Array.from(dependencies, (mine) => mine.length);
  const levels: number[][] = [];
  let level: number[] = [];
  for (let job = 0; job < names.length; job += 1) if (remaining[job] === 0) level.push(job);
  let sorted = 0;
  while (level.length > 0) {
    levels.push(level);
    sorted += level.length;
    const next: number[] = [];
    for (const job of level) {
      for (const dependent of edgesOf(dependents, job)) {
        const left = (remaining[dependent] ?? 0) - 1;
        remaining[dependent] = left;
        if (left === 0) next.push(dependent);
      }
    }
    level = next.sort((a, b) => a - b);
  }
  const blocked: number[] = [];
  if (sorted < names.length) {
    for (const [job, left] of remaining.entries()) if (left > 0) blocked.push(job);
  }
  return { levels, blocked };
}
