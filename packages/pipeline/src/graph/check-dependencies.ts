import type { DiagnosticCollector } from "../diagnostics/diagnostic.ts";
import type { JobTemplate, Located, PipelineTemplate } from "../model/template.ts";
import { checkTimeouts } from "./check-timeouts.ts";
import { cycleParameters, DependencyGraph } from "./dependency-graph.ts";
import { didYouMean, listNames } from "./wording.ts";

/** A generated file can have thousands of these; hints must not use up the room for errors. */
const MAX_REDUNDANT_REPORTED = 20;

/** Looking for close names compares with every job, and a file this wrong is misspelt in another way. */
const MAX_SPELLING_CHECKS = 50;

/**
 * Checks every `depends_on` of a pipeline and reports, at the entry concerned:
 * - a name that is no job: error, with close names and the jobs there are;
 * - a job that depends on itself, or names another one twice: warning, the entry is dropped;
 * - a cycle: error. Only one, the shortest, with the entry to remove;
 * - if there is no cycle, dependencies that others imply (they are kept), and timeouts that contradict each other:
 *   warnings.
 *
 * @param template - may lack jobs that could not be read
 * @param unreadable - names of jobs that are in the file but not in `template`; depending on one is not reported
 * @returns by job, in the order of the file: the jobs of `template` it waits for, without itself and without
 *   duplicates. A cycle is still in it.
 */
export function checkDependencies(
  template: PipelineTemplate,
  collector: DiagnosticCollector,
  unreadable: ReadonlySet<string> = new Set(),
): ReadonlyMap<string, readonly string[]> {
  const check = new EntryCheck(template, collector, unreadable);
  const dependsOn = new Map<string, readonly string[]>();
  for (const job of template.jobs.values()) dependsOn.set(job.name, check.cleanDependencies(job));

  const graph = new DependencyGraph(dependsOn);
  const cycle = graph.shortestCycle();
  if (cycle === null) {
    reportRedundant(template, graph, collector);
    checkTimeouts(template, graph, collector);
  } else {
    const parameters = cycleParameters(cycle);
    collector.report("GRAPH_CYCLE", parameters, entryPlace(template, parameters.job, parameters.dependency));
  }
  return dependsOn;
}

/** Checks single entries of `depends_on`. */
class EntryCheck {
  readonly #jobs: PipelineTemplate["jobs"];
  readonly #collector: DiagnosticCollector;
  readonly #unreadable: ReadonlySet<string>;
  readonly #names: readonly string[];
  readonly #available: string;
  #spellingChecks = 0;

  constructor(template: PipelineTemplate, collector: DiagnosticCollector, unreadable: ReadonlySet<string>) {
    this.#jobs = template.jobs;
    this.#collector = collector;
    this.#unreadable = unreadable;
    this.#names = [...new Set([...template.jobs.keys(), ...unreadable])];
    this.#available = listNames(this.#names);
  }

  cleanDependencies(job: JobTemplate): string[] {
    const clean = new Set<string>();
    const rejected = new Set<string>();
    for (const entry of job.dependsOn) {
      const name = entry.value;
      if (name === job.name) {
        this.#collector.report("GRAPH_SELF_DEPENDENCY", { job: job.name }, entry);
      } else if (clean.has(name) || rejected.has(name)) {
        this.#collector.report("GRAPH_DUPLICATE_DEPENDENCY", { job: job.name, dependency: name }, entry);
      } else if (this.#jobs.has(name)) {
        clean.add(name);
      } else {
        rejected.add(name);
        if (!this.#unreadable.has(name)) this.#reportUnknown(job.name, entry);
      }
    }
    return [...clean];
  }

  #reportUnknown(job: string, entry: Located<string>): void {
    this.#spellingChecks += 1;
    const others = this.#spellingChecks > MAX_SPELLING_CHECKS ? [] : this.#names.filter((name) => name !== job);
    this.#collector.report(
      "GRAPH_UNKNOWN_DEPENDENCY",
      { job, dependency: entry.value, hint: didYouMean(entry.value, others), available: this.#available },
      entry,
    );
  }
}

function reportRedundant(template: PipelineTemplate, graph: DependencyGraph, collector: DiagnosticCollector): void {
  for (const edge of graph.redundantDependencies().slice(0, MAX_REDUNDANT_REPORTED)) {
    collector.report("GRAPH_REDUNDANT_DEPENDENCY", { ...edge }, entryPlace(template, edge.job, edge.dependency));
  }
}

/** Where `job` names `dependency`. */
function entryPlace(
  template: PipelineTemplate,
  job: string,
  dependency: string,
): Pick<Located<string>, "span" | "path"> {
  const entries = template.jobs.get(job)?.dependsOn ?? [];
  const entry = entries.find(({ value }) => value === dependency);
  if (entry === undefined) throw new TypeError(`job ${job} does not name ${dependency}`);
  return entry;
}
