import { edgesOf } from "./adjacency.ts";

/** Outside the jobs that were asked about. */
export const NO_COMPONENT = -1;

/**
 * Strongly connected components (Tarjan's algorithm, with a stack of its own: a chain of 10,000 jobs must not use up
 * the call stack). Two jobs have the same component exactly when each waits for the other; every cycle lies within one
 * component.
 *
 * @param lists - by job: its neighbours
 * @param jobs - the jobs to look at; edges to others are ignored
 * @returns by job: the number of its component, NO_COMPONENT for jobs not in `jobs`
 */
export function stronglyConnected(lists: readonly (readonly number[])[], jobs: readonly number[]): Int32Array {
  const unseen = -1;
  const outside = -2;
  const component = new Int32Array(lists.length).fill(NO_COMPONENT);
  /** Order of discovery. */
  const discovered = new Int32Array(lists.length).fill(outside);
  /** Earliest discovered job of the open component that the job is known to reach. */
  const low = new Int32Array(lists.length);
  for (const job of jobs) discovered[job] = unseen;

  const open: number[] = [];
  const path: { readonly job: number; next: number }[] = [];
  let count = 0;
  let components = 0;

  function enter(job: number): void {
    discovered[job] = count;
    low[job] = count;
    count += 1;
    open.push(job);
    path.push({ job, next: 0 });
  }

  function lower(job: number, value: number): void {
    if (value < (low[job] ?? 0)) low[job] = value;
  }

  function leave(job: number): void {
    path.pop();
    if (low[job] === discovered[job]) {
      for (let member = open.pop(); member !== undefined; member = open.pop()) {
        component[member] = components;
        if (member === job) break;
      }
      components += 1;
    }
    const parent = path.at(-1);
    if (parent !== undefined) lower(parent.job, low[job] ?? 0);
  }

  for (const root of jobs) {
    if (discovered[root] !== unseen) continue;
    enter(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const neighbour = edgesOf(lists, top.job)[top.next];
      if (neighbour === undefined) {
        leave(top.job);
        continue;
      }
      top.next += 1;
      const seen = discovered[neighbour] ?? outside;
      if (seen === unseen) enter(neighbour);
      else if (seen >= 0 && component[neighbour] === NO_COMPONENT) lower(top.job, seen);
    }
  }
  return component;
}
