import type { PipelineDefinition, PipelineJob } from "@waybill/pipeline";

/** Stand-in for the pipeline package's own conversion: the one place that knows how a definition is kept. */
export function definitionToJson(definition: PipelineDefinition): unknown {
  return { ...definition, jobs: [...definition.jobs.values()] };
}

export function definitionFromJson(json: unknown): PipelineDefinition {
  const stored = json as Omit<PipelineDefinition, "jobs"> & { readonly jobs: readonly PipelineJob[] };
  return { ...stored, jobs: new Map(stored.jobs.map((job) => [job.name, job])) };
}
