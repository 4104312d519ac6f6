import { WaybillError, type Clock } from "@waybill/core";
import { parsePipeline, systemVariables, type PipelineDefinition } from "@waybill/pipeline";
import type { Pipeline, ProjectRecords } from "@waybill/projects";
import type { ProjectMirrors } from "../triggers/project-mirrors.ts";

export interface DefinitionSources {
  readonly clock: Clock;
  readonly records: ProjectRecords;
  readonly mirrors: ProjectMirrors;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * What the pipeline file says at a commit, which the mirror has. Required inputs that are not given have made-up values:
 * whether any are missing is for whoever starts a run to find out.
 * @throws WaybillError `PIPELINE_FILE_MISSING`, `PIPELINE_FILE_INVALID`, `GIT_*`
 */
export async function readDefinition(
  { clock, records, mirrors, environment }: DefinitionSources,
  pipeline: Pipeline,
  sha: string,
  parameters: Readonly<Record<string, string>>,
): Promise<PipelineDefinition> {
  const { configPath: path, repositoryId } = pipeline;
  const repository = await records.repositories.find(repositoryId);
  if (repository === null) throw new WaybillError("API_NOT_FOUND", { kind: "repository", id: repositoryId });
  const bytes = await mirrors.of(repository).readFile(sha, path, MAX_FILE_BYTES);
  if (bytes === null) throw new WaybillError("PIPELINE_FILE_MISSING", { sha, path });
  const { definition, errors } = parsePipeline(bytes, {
    file: path,
    parameters,
    missingInputs: "sampled",
    system: systemVariables(environment),
    now: clock.now(),
  });
  if (definition !== null) return definition;
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  const problem = first === undefined ? "it is empty." : `${first.code}: ${first.message}${more}`;
  throw new WaybillError("PIPELINE_FILE_INVALID", { sha, path, problem });
}
