import { DependencyGraph } from "../graph/dependency-graph.ts";
import { unknownJob } from "../graph/unknown-job.ts";
import type { PipelineDefinition, PipelineJob } from "./definition.ts";

/** The job of that name, or null. */
export function getJobByName(definition: PipelineDefinition, name: string): PipelineJob | null {
  return definition.jobs.get(name) ?? null;
}

/**
 * The jobs that must succeed before the job starts, as it names them.
 *
 * @throws WaybillError GRAPH_UNKNOWN_JOB, with close names
 */
export function getJobDependencies(definition: PipelineDefinition, name: string): readonly string[] {
  const job = getJobByName(definition, name);
  if (job === null) throw unknownJob(name, [...definition.jobs.keys()]);
  return job.dependsOn;
}

/**
 * The jobs in groups that can run side by side: see `DependencyGraph.levels`.
 *
 * @throws WaybillError GRAPH_CYCLE, GRAPH_UNKNOWN_DEPENDENCY: never for a definition that was parsed
 */
export function getExecutionOrder(definition: PipelineDefinition): readonly (readonly string[])[] {
  return dependencyGraphOf(definition).levels();
}

/** @throws WaybillError GRAPH_UNKNOWN_DEPENDENCY: never for a definition that was parsed */
export function dependencyGraphOf(definition: PipelineDefinition): DependencyGraph {
  return new DependencyGraph([...definition.jobs.values()].map((job) => [job.name, job.dependsOn] as const));
}
