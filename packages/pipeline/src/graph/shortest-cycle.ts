import { edgesOf } from "./adjacency.ts";
import { stronglyConnected } from "./strongly-connected.ts";

/**
 * Edges the search may follow in all, some 70 ms. Enough for the exact answer in any pipeline people write; in a
 * tangle beyond that (thousands of jobs in one component without a short cycle) the shortest one found so far is given.
 */
const MAX_EDGES_FOLLOWED = 4_000_000;

/**
 * The shortest cycle: from each job on one, a breadth-first search back to itself that never leaves the job's strongly
 * connected component, so jobs that merely wait for a cycle cost nothing and are never part of the answer.
 *
 * @param dependencies - by job: the jobs it waits for
 * @param blocked - jobs that Kahn's algorithm could not order
 * @returns the jobs of the cycle, each waiting for the next and the last for the first, starting with the first of the
 *   file; of several shortest cycles the one that starts earliest; null if there is none
 */
export function shortestCycle(
  dependencies: readonly (readonly number[])[],
  blocked: readonly number[],
): number[] | null {
  if (blocked.length === 0) return null;
  const component = stronglyConnected(dependencies, blocked);
  const size = new Map<number, number>();
  for (const job of blocked) size.set(component[job] ?? 0, (size.get(component[job] ?? 0) ?? 0) + 1);

  /** The job from which a job was reached; valid where `reachedBy` is the current start. */
  const from = new Int32Array(dependencies.length);
  const reachedBy = new Int32Array(dependencies.length).fill(-1);
  let followed = 0;
  let best: number[] | null = null;

  /** A cycle through `start` shorter than `limit` jobs, or null. */
  function cycleThrough(start: number, limit: number): number[] | null {
    let frontier = [start];
    for (let length = 1; length < limit && frontier.length > 0; length += 1) {
      const next: number[] = [];
      for (const job of frontier) {
        for (const dependency of edgesOf(dependencies, job)) {
          followed += 1;
          if (dependency === start) return pathTo(job, start);
          if (component[dependency] !== component[start] || reachedBy[dependency] === start) continue;
          reachedBy[dependency] = start;
          from[dependency] = job;
          next.push(dependency);
        }
      }
      frontier = next;
    }
    return null;
  }

  function pathTo(end: number, start: number): number[] {
    const path = [end];
    for (let job = end; job !== start; path.push(job)) job = from[job] ?? start;
    return path.reverse();
  }

  for (const start of blocked) {
    const onCycle = (size.get(component[start] ?? 0) ?? 0) > 1 || edgesOf(dependencies, start).includes(start);
    if (!onCycle) continue;
    const shorter: number[] | null = cycleThrough(start, best?.length ?? Infinity);
    best = shorter ?? best;
    if (best?.length === 1 || followed > MAX_EDGES_FOLLOWED) break;
  }
  return best;
}
