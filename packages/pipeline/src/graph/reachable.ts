import { edgesOf } from "./adjacency.ts";

/**
 * All jobs that can be reached from `start` along `lists`, without `start` itself, in the order of the file.
 * O(jobs and edges reached), without recursion.
 */
export function reachableFrom(lists: readonly (readonly number[])[], start: number): number[] {
  const seen = new Set([start]);
  // A set may grow while it is walked: it is both the queue and the marks.
  for (const job of seen) for (const neighbour of edgesOf(lists, job)) seen.add(neighbour);
  seen.delete(start);
  return [...seen].sort((a, b) => a - b);
}
