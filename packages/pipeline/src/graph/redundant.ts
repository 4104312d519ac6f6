import { edgesOf } from "./adjacency.ts";

/** `job` names `dependency`, but waits for it anyway because it waits for `through`. */
export interface RedundantEdge {
  readonly job: number;
  readonly dependency: number;
  readonly through: number;
}

const BITS = 32;

/** One bit for every pair of jobs; 12,000 jobs take 18 MB. */
const MAX_JOBS = 12_000;

/** Words combined: dependencies times jobs / 32. 10,000 jobs with ten dependencies each need 31 million, some 90 ms. */
const MAX_WORDS = 100_000_000;

/**
 * Dependencies that another dependency of the same job implies.
 *
 * Every job gets the set of all jobs it waits for, as bits: the union of the sets of its dependencies and of these
 * themselves. A dependency that is in the set of another one is redundant. That is jobs × dependencies / 32 steps,
 * so a pipeline too large for the bounds above is not examined at all: the answer only ever feeds a hint.
 *
 * @param dependencies - by job: the jobs it waits for
 * @param order - the jobs to look at, each after all it waits for
 * @returns in the order of the file
 */
export function redundantEdges(
  dependencies: readonly (readonly number[])[],
  order: readonly number[],
): RedundantEdge[] {
  const count = dependencies.length;
  const edges = dependencies.reduce((sum, mine) => sum + mine.length, 0);
  const words = Math.ceil(count / BITS);
  if (dependencies.every((mine) => mine.length < 2) || count > MAX_JOBS || edges * words > MAX_WORDS) return [];

  const position = new Int32Array(count);
  for (const [place, job] of order.entries()) position[job] = place;
  const waitsFor = new Int32Array(count * words);
  /** Dependencies of the current job for which no other one has been found. */
  const unexplained = new Int32Array(words);
  const found: RedundantEdge[] = [];

  for (const job of order) {
    const mine = edgesOf(dependencies, job);
    for (const dependency of mine) setBit(unexplained, 0, dependency);
    // Latest first, so that `through` is the dependency nearest to the job.
    for (const through of mine.toSorted((a, b) => (position[b] ?? 0) - (position[a] ?? 0))) {
      for (let word = 0; word < words; word += 1) {
        const reached = waitsFor[through * words + word] ?? 0;
        if (reached === 0) continue;
        waitsFor[job * words + word] = (waitsFor[job * words + word] ?? 0) | reached;
        const explained = reached & (unexplained[word] ?? 0);
        if (explained === 0) continue;
        unexplained[word] = (unexplained[word] ?? 0) & ~explained;
        for (const bit of bitsOf(explained)) found.push({ job, dependency: word * BITS + bit, through });
      }
    }
    for (const dependency of mine) {
      setBit(waitsFor, job * words, dependency);
      unexplained[Math.floor(dependency / BITS)] = 0;
    }
  }
  return found.sort((a, b) => a.job - b.job || a.dependency - b.dependency);
}

function setBit(set: Int32Array, offset: number, bit: number): void {
  const word = offset + Math.floor(bit / BITS);
  set[word] = (set[word] ?? 0) | (1 << (bit % BITS));
}

/** The numbers of the bits that are set, ascending. */
function bitsOf(word: number): number[] {
  const bits: number[] = [];
  for (let left = word; left !== 0; left &= left - 1) bits.push(BITS - 1 - Math.clz32(left & -left));
  return bits;
}
