import { WaybillError } from "@waybill/core";
import { adjacencyOf, edgesOf, type Adjacency, type DependencyEntry } from "./adjacency.ts";
import { criticalPath, type CriticalPath } from "./critical-path.ts";
import { reachableFrom } from "./reachable.ts";
import { redundantEdges } from "./redundant.ts";
import { shortestCycle } from "./shortest-cycle.ts";
import { topologicalOrder, type TopologicalOrder } from "./topological-order.ts";
import { unknownJob } from "./unknown-job.ts";
import { cycleChain, listNames } from "./wording.ts";

/** How long a job takes, 0 or more, in any one unit. */
export type JobDuration = (job: string) => number;

/** `job` names `dependency`, but waits for it anyway because it waits for `through`. */
export interface RedundantDependency {
  readonly job: string;
  readonly dependency: string;
  readonly through: string;
}

/**
 * Which jobs wait for which. Immutable; lists of names come in the order of the file unless they say otherwise.
 *
 * A graph may hold a cycle: it can be asked for it, and for neighbours, but not for an order. Nothing here recurses,
 * so a chain of any length is fine.
 */
export class DependencyGraph {
  readonly #adjacency: Adjacency;
  #order: TopologicalOrder | null = null;

  /**
   * O(jobs + dependencies).
   *
   * @param entries - each job with the names of the jobs it waits for, in the order of the file
   * @throws WaybillError GRAPH_UNKNOWN_DEPENDENCY, GRAPH_DUPLICATE_JOB
   */
  constructor(entries: Iterable<DependencyEntry>) {
    this.#adjacency = adjacencyOf(entries);
  }

  get names(): readonly string[] {
    return this.#adjacency.names;
  }

  has(job: string): boolean {
    return this.#adjacency.numbers.has(job);
  }

  /** The jobs that `job` itself names, as written. @throws WaybillError GRAPH_UNKNOWN_JOB */
  dependenciesOf(job: string): readonly string[] {
    return this.#namesOf(edgesOf(this.#adjacency.dependencies, this.#numberOf(job)));
  }

  /** The jobs that name `job`. @throws WaybillError GRAPH_UNKNOWN_JOB */
  dependentsOf(job: string): readonly string[] {
    return this.#namesOf(edgesOf(this.#adjacency.dependents, this.#numberOf(job)));
  }

  /** Every job that must succeed before `job` starts. Never `job` itself. @throws WaybillError GRAPH_UNKNOWN_JOB */
  transitiveDependencies(job: string): readonly string[] {
    return this.#namesOf(reachableFrom(this.#adjacency.dependencies, this.#numberOf(job)));
  }

  /** Every job that cannot run if `job` fails. Never `job` itself. @throws WaybillError GRAPH_UNKNOWN_JOB */
  transitiveDependents(job: string): readonly string[] {
    return this.#namesOf(reachableFrom(this.#adjacency.dependents, this.#numberOf(job)));
  }

  /**
   * The jobs in groups that can run side by side: each job as early as its dependencies allow, so that a job of level
   * k has a dependency in level k - 1.
   *
   * @throws WaybillError GRAPH_CYCLE
   */
  levels(): readonly (readonly string[])[] {
    return this.#sorted().levels.map((level) => this.#namesOf(level));
  }

  /**
   * The jobs of the shortest cycle, each waiting for the next and the last one for the first, which is not repeated;
   * null if there is no cycle (decided in O(jobs + dependencies)). It starts with its first job of the file, and of
   * several shortest cycles it is the one that starts earliest. In a tangle of thousands of jobs the search is cut
   * off and gives the shortest cycle found.
   */
  shortestCycle(): readonly string[] | null {
    const cycle = shortestCycle(this.#adjacency.dependencies, this.#topology().blocked);
    return cycle === null ? null : this.#namesOf(cycle);
  }

  /**
   * The chain of dependent jobs that takes longest, in the order they run. Of equally long chains the one with the
   * jobs earliest in the file. Empty only for a graph without jobs.
   *
   * @param duration - 1 for every job if not given
   * @throws WaybillError GRAPH_CYCLE
   */
  criticalPath(duration: JobDuration = oneUnit): readonly string[] {
    return this.#namesOf(this.#longestChain(duration).jobs);
  }

  /**
   * How many times faster than one job after the other the pipeline can be at best: the duration of all jobs together
   * over that of the critical path ("work over span"). Rounded to two decimals; 1 where there is nothing to do.
   *
   * @param duration - 1 for every job if not given
   * @throws WaybillError GRAPH_CYCLE
   */
  parallelism(duration: JobDuration = oneUnit): number {
    const span = this.#longestChain(duration).length;
    if (span === 0) return 1;
    const work = this.names.reduce((sum, job) => sum + duration(job), 0);
    return Math.round((work / span) * 100) / 100;
  }

  /**
   * Dependencies that could be left out because another dependency of the same job implies them. Jobs on a cycle, or
   * waiting for one, are passed over. A graph of more than 12,000 jobs, or with more than 3.2 thousand million
   * jobs × dependencies, is not examined and gives none.
   */
  redundantDependencies(): readonly RedundantDependency[] {
    return redundantEdges(this.#adjacency.dependencies, this.#topology().levels.flat()).map((edge) => ({
      job: this.#nameOf(edge.job),
      dependency: this.#nameOf(edge.dependency),
      through: this.#nameOf(edge.through),
    }));
  }

  #longestChain(duration: JobDuration): CriticalPath {
    const order = this.#sorted().levels.flat();
    return criticalPath(this.#adjacency.dependencies, order, (job) => duration(this.#nameOf(job)));
  }

  #topology(): TopologicalOrder {
    this.#order ??= topologicalOrder(this.#adjacency);
    return this.#order;
  }

  #sorted(): TopologicalOrder {
    const cycle = this.shortestCycle();
    if (cycle !== null) throw new WaybillError("GRAPH_CYCLE", cycleParameters(cycle));
    return this.#topology();
  }

  #numberOf(job: string): number {
    const number = this.#adjacency.numbers.get(job);
    if (number === undefined) throw unknownJob(job, this.names);
    return number;
  }

  #nameOf(job: number): string {
    return this.#adjacency.names[job] ?? "";
  }

  #namesOf(jobs: readonly number[]): string[] {
    return jobs.map((job) => this.#nameOf(job));
  }
}

/**
 * What GRAPH_CYCLE says about a cycle. The edge to remove is the one where the first job of the file waits for a later
 * one: files are written in the order things happen, so that is the dependency most likely to be the mistake.
 *
 * @param cycle - as `shortestCycle` gives it
 */
export function cycleParameters(cycle: readonly string[]): Record<"chain" | "job" | "dependency" | "jobs", string> {
  const job = cycle[0] ?? "";
  return { chain: cycleChain(cycle), job, dependency: cycle[1] ?? job, jobs: listNames(cycle) };
}

function oneUnit(): number {
  return 1;
}
