import type { PipelineDefinition, PipelineJob } from "@waybill/pipeline";

/** Stand-in for the pipeline package's own conversion: the one place that knows how a definition is kept. */
export function definitionToText(definition: PipelineDefinition): string {
  return JSON.stringify({ ...definition, jobs: [...definition.jobs.values()] });
}

export function definitionFromText(text: string): PipelineDefinition {
  const stored = JSON.parse(text) as Omit<PipelineDefinition, "jobs"> & { readonly jobs: readonly PipelineJob[] };
  return { ...stored, jobs: new Map(stored.jobs.map((job) => [job.name, job])) };
}
