import type { RunRequest } from "@waybill/engine";
import { parsePipeline, type PipelineDefinition } from "@waybill/pipeline";

/** Every job of the definition, as many at once as there are. */
export function requestFor(definition: PipelineDefinition): RunRequest {
  return {
    definition,
    file: "waybill.yaml",
    trigger: "manual",
    jobs: null,
    concurrency: 100,
    parameters: {},
    system: {},
  };
}

export function parse(pipeline: string, parameters: Readonly<Record<string, string>> = {}): PipelineDefinition {
  const { definition, errors } = parsePipeline(pipeline, { file: "waybill.yaml", parameters, now: 0 });
  if (definition === null) throw new Error(errors.map(({ code, message }) => `${code}: ${message}`).join("\n"));
  return definition;
}
