import { edgesOf } from "./adjacency.ts";

export interface CriticalPath {
  /** Jobs of the longest chain, in the order they run. */
  readonly jobs: readonly number[];
  /** Sum of their durations. */
  readonly length: number;
}

/**
 * The chain of dependent jobs that takes longest: no number of machines finishes the pipeline sooner. Where chains are
 * equally long, jobs earlier in the file win. O(jobs + dependencies).
 *
 * @param dependencies - by job: the jobs it waits for
 * @param order - every job, after all it waits for
 * @param duration - by job: 0 or more, in any one unit
 */
export function criticalPath(
  dependencies: readonly (readonly number[])[],
  order: Iterable<number>,
  duration: (job: number) => number,
): CriticalPath {
  const finish = new Float64Array(dependencies.length);
  const before = new Int32Array(dependencies.length).fill(-1);
  let last = -1;

  function isLater(candidate: number, current: number): boolean {
    if (current === -1) return true;
    const difference = (finish[candidate] ?? 0) - (finish[current] ?? 0);
    return difference > 0 || (difference === 0 && candidate < current);
  }

  for (const job of order) {
    let slowest = -1;
    for (const dependency of edgesOf(dependencies, job)) if (isLater(dependency, slowest)) slowest = dependency;
    before[job] = slowest;
    finish[job] = (finish[slowest] ?? 0) + duration(job);
    if (isLater(job, last)) last = job;
  }
  const jobs: number[] = [];
  for (let job = last; job !== -1; job = before[job] ?? -1) jobs.push(job);
  return { jobs: jobs.reverse(), length: finish[last] ?? 0 };
}
