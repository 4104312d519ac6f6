import type { DependencyGraph, JobDuration } from "../graph/dependency-graph.ts";
import {
  isDeferred,
  type Environment,
  type PipelineDefinition,
  type PipelineJob,
  type PipelineStep,
  type Text,
} from "../model/definition.ts";
import { dependencyGraphOf } from "../model/definition-operations.ts";
import type { RetryRule } from "../model/retry-rule.ts";
import { mergedEnvironment } from "../variables/merged-environment.ts";

/**
 * What a pipeline will do, before it does it. All text is for reading: what only a run knows (secrets, results of other
 * jobs) stands there as the reference that was written, never as a value.
 */
export interface Plan {
  readonly name: string;
  /** Names of jobs that can run side by side, group after group. */
  readonly levels: readonly (readonly string[])[];
  /** In the order of the file. */
  readonly jobs: ReadonlyMap<string, PlannedJob>;
  /** The longest chain of jobs, in the order they run. */
  readonly criticalPath: readonly string[];
  /** How many times faster than one job after the other it can be at best, two decimals. */
  readonly parallelism: number;
}

export interface PlannedJob {
  readonly name: string;
  readonly dependsOn: readonly string[];
  /** The jobs that name this one in `depends_on`, in the order of the file. */
  readonly dependents: readonly string[];
  /** Null: always runs. */
  readonly condition: string | null;
  /** Name of the environment it works on; null: none. */
  readonly deploysTo: string | null;
  readonly steps: readonly PlannedStep[];
  /** Seconds. */
  readonly timeout: number;
  readonly retry: RetryRule;
  readonly artifacts: Readonly<Record<string, readonly string[]>>;
  /** Names of those that need not be there. */
  readonly optionalArtifacts: readonly string[];
}

export interface PlannedStep {
  readonly name: string;
  /** Null: the step names none. */
  readonly image: string | null;
  readonly script: readonly string[];
  /** Of the pipeline, the job and the step together. */
  readonly environment: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly timeout: number;
  readonly retry: RetryRule;
}

export interface PlanOptions {
  /** Values given for the run, which are part of every step's environment. Default: none. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** How long each job takes, where it is known (earlier runs, say). Default: 1 for every job. */
  readonly duration?: JobDuration;
}

/**
 * O(jobs + dependencies + everything written in the definition).
 *
 * @throws WaybillError GRAPH_CYCLE, GRAPH_UNKNOWN_DEPENDENCY: never for a definition that was parsed
 */
export function planOf(definition: PipelineDefinition, options: PlanOptions = {}): Plan {
  const { parameters = {}, duration } = options;
  const graph = dependencyGraphOf(definition);
  const jobs = new Map<string, PlannedJob>();
  for (const job of definition.jobs.values()) jobs.set(job.name, plannedJob(definition, job, graph, parameters));
  return {
    name: definition.name,
    levels: graph.levels(),
    jobs,
    criticalPath: graph.criticalPath(duration),
    parallelism: graph.parallelism(duration),
  };
}

function plannedJob(
  definition: PipelineDefinition,
  job: PipelineJob,
  graph: DependencyGraph,
  parameters: Readonly<Record<string, string>>,
): PlannedJob {
  return {
    name: job.name,
    dependsOn: job.dependsOn,
    dependents: graph.dependentsOf(job.name),
    condition: job.condition,
    deploysTo: job.deploysTo,
    steps: job.steps.map((step) => plannedStep(step, mergedEnvironment(definition, job, step, parameters))),
    timeout: job.timeout,
    retry: job.retry,
    artifacts: Object.fromEntries(Object.entries(job.artifacts).map(([name, { paths }]) => [name, paths.map(written)])),
    optionalArtifacts: Object.entries(job.artifacts).flatMap(([name, { optional }]) => (optional ? [name] : [])),
  };
}

function plannedStep(step: PipelineStep, environment: Environment): PlannedStep {
  return {
    name: step.name,
    image: step.image === null ? null : written(step.image),
    script: step.script.map(written),
    environment: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, written(value)])),
    timeout: step.timeout,
    retry: step.retry,
  };
}

/** Text as a person reads it: deferred references as they were written. */
function written(text: Text): string {
  return isDeferred(text) ? text.deferred : text;
}
