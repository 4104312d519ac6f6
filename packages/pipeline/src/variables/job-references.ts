import type { Span } from "../diagnostics/span.ts";
import { excerpt, problem, type Problem } from "../expressions/problem.ts";
import { didYouMean, listNames } from "../graph/wording.ts";
import type { PipelineTemplate } from "../model/template.ts";
import { parseJobName } from "./names.ts";

/** Says of `job.…` references whether they can be completed in the job they stand in. */
export class JobReferences {
  readonly #template: PipelineTemplate;
  readonly #dependsOn: ReadonlyMap<string, readonly string[]>;
  #ancestors: Ancestors | null = null;

  constructor(template: PipelineTemplate, dependsOn: ReadonlyMap<string, readonly string[]>) {
    this.#template = template;
    this.#dependsOn = dependsOn;
  }

  /**
   * @param name - with its namespace, as in `job.build.status`
   * @param from - the job the reference stands in; null: outside of jobs
   * @returns why it can never be completed; null where it can
   */
  check(name: string, from: string | null, span: Span): Problem | null {
    const wanted = parseJobName(name);
    const reference = excerpt(name);
    if (wanted === null) return problem("VARIABLE_JOB_FIELD", { reference }, span);
    const { job } = wanted;
    const target = this.#template.jobs.get(job);
    if (target === undefined) {
      const names = [...this.#template.jobs.keys()];
      const parameters = { reference, job: excerpt(job), hint: didYouMean(job, names), available: listNames(names) };
      return problem("VARIABLE_JOB_UNKNOWN", parameters, span);
    }
    if (from === null) return problem("VARIABLE_JOB_OUTSIDE_JOB", { reference, job }, span);
    if (!this.#isAncestor(job, from)) {
      const advice =
        job === from
          ? "A job cannot see its own result; pass values between its steps in files of the workspace."
          : `Add '${job}' to depends_on of job '${from}'.`;
      return problem("VARIABLE_JOB_NOT_DEPENDENCY", { reference, job, from, advice }, span);
    }
    if (wanted.field !== "artifacts") return null;
    const artifacts = target.artifacts ?? this.#template.artifacts;
    if (artifacts.has(wanted.key)) return null;
    const names = [...artifacts.keys()];
    const [hint, available] = [didYouMean(wanted.key, names), listNames(names)];
    return problem("VARIABLE_ARTIFACT_UNKNOWN", { job, artifact: excerpt(wanted.key), hint, available }, span);
  }

  #isAncestor(job: string, of: string): boolean {
    if (this.#dependsOn.get(of)?.includes(job) === true) return true;
    this.#ancestors ??= new Ancestors(this.#dependsOn);
    return this.#ancestors.has(of, job);
  }
}

/** Which jobs run before which, directly or not: a search in numbered jobs, kept for the job asked about last. */
class Ancestors {
  readonly #numbers = new Map<string, number>();
  readonly #dependencies: number[][] = [];
  /** The search that last saw each job. */
  readonly #seen: Uint32Array;
  #search = 0;
  #searchedFrom = -1;

  constructor(dependsOn: ReadonlyMap<string, readonly string[]>) {
    for (const name of dependsOn.keys()) this.#numbers.set(name, this.#numbers.size);
    for (const names of dependsOn.values()) {
      this.#dependencies.push(names.flatMap((name) => this.#numbers.get(name) ?? []));
    }
    this.#seen = new Uint32Array(this.#numbers.size);
  }

  has(job: string, ancestor: string): boolean {
    const from = this.#numbers.get(job);
    const target = this.#numbers.get(ancestor);
    if (from === undefined || target === undefined || from === target) return false;
    if (from !== this.#searchedFrom) this.#searchFrom(from);
    return this.#seen[target] === this.#search;
  }

  #searchFrom(from: number): void {
    this.#search += 1;
    this.#searchedFrom = from;
    const queue = [from];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (const dependency of this.#dependencies[next] ?? []) {
        if (this.#seen[dependency] === this.#search) continue;
        this.#seen[dependency] = this.#search;
        queue.push(dependency);
      }
    }
  }
}
