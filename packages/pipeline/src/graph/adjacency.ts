import { WaybillError } from "@waybill/core";
import { didYouMean, listNames } from "./wording.ts";

/**
 * A graph of jobs by number, which is what the algorithms work on: the number of a job is its place in the file, so
 * "in the order of the file" is numeric order, and marks are typed arrays instead of sets of strings.
 */
export interface Adjacency {
  readonly names: readonly string[];
  readonly numbers: ReadonlyMap<string, number>;
  /** By job: the jobs it waits for, in the order they are written, each once. */
  readonly dependencies: readonly (readonly number[])[];
  /** By job: the jobs that wait for it, in the order of the file. */
  readonly dependents: readonly (readonly number[])[];
}

/** A job and the names of the jobs it waits for. */
export type DependencyEntry = readonly [name: string, dependsOn: Iterable<string>];

/**
 * Numbers the jobs and links them both ways, in O(jobs + dependencies). Repeated dependencies count once; a job that
 * depends on itself keeps that edge, which is a cycle.
 *
 * @throws WaybillError GRAPH_DUPLICATE_JOB, GRAPH_UNKNOWN_DEPENDENCY
 */
export function adjacencyOf(entries: Iterable<DependencyEntry>): Adjacency {
  const numbers = new Map<string, number>();
  const written: Iterable<string>[] = [];
  for (const [name, dependsOn] of entries) {
    if (numbers.has(name)) throw new WaybillError("GRAPH_DUPLICATE_JOB", { job: name });
    numbers.set(name, written.length);
    written.push(dependsOn);
  }
  const names = [...numbers.keys()];
  const dependents: number[][] = names.map(() => []);
  const dependencies = written.map((dependsOn, job) => {
    const mine = new Set<number>();
    for (const dependency of dependsOn) {
      const number = numbers.get(dependency);
      if (number === undefined) throw unknownDependency(names[job] ?? "", dependency, names);
      mine.add(number);
    }
    for (const number of mine) dependents[number]?.push(job);
    return [...mine];
  });
  return { names, numbers, dependencies, dependents };
}

/** The neighbours of a job in `dependencies` or `dependents`. */
export function edgesOf(lists: readonly (readonly number[])[], job: number): readonly number[] {
  return lists[job] ?? [];
}

function unknownDependency(job: string, dependency: string, names: readonly string[]): WaybillError {
  return new WaybillError("GRAPH_UNKNOWN_DEPENDENCY", {
    job,
    dependency,
    hint: didYouMean(dependency, names),
    available: listNames(names),
  });
}
