import { WaybillError } from "@waybill/core";
import { dependencyGraphOf } from "./definition-operations.ts";
import {
  isDeferred,
  type Artifacts,
  type ArtifactSpec,
  type Environment,
  type PipelineDefinition,
  type PipelineJob,
  type PipelineStep,
  type Text,
} from "./definition.ts";
import { DEFAULT_PLACE, type JobPlace } from "./job-place.ts";
import { parseDefinitionJson, type ArtifactsJson, type JobJson, type StepJson } from "./json-schema.ts";
import { startFromJson, startToJson, triggerToJson } from "./start-json.ts";
import { retryFromFields, retryToFields } from "./retry-json.ts";

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/**
 * A definition as JSON for a database: all of it, in snake case. `jobs` is a list, because the order of jobs means
 * something and the order of an object's keys does not survive every store; deferred text is `{"deferred": "…"}`.
 */
export function definitionToJson(definition: PipelineDefinition): JsonObject {
  return {
    name: definition.name,
    created_at: definition.createdAt,
    timeout: definition.timeout,
    retry_policy: { max_attempts: definition.retryPolicy.maxAttempts },
    global_env: environmentToJson(definition.globalEnv),
    artifacts: artifactsToJson(definition.artifacts),
    triggers: definition.triggers.map(triggerToJson),
    ...startToJson(definition),
    jobs: [...definition.jobs.values()].map(jobToJson),
  };
}

/**
 * The definition that `definitionToJson` made this of, checked in full: fields and their types, unique job names,
 * dependencies that exist and make no cycle.
 *
 * @param value - parsed JSON
 * @throws WaybillError DEFINITION_UNREADABLE, naming the field
 */
export function definitionFromJson(value: unknown): PipelineDefinition {
  const json = parseDefinitionJson(value);
  const jobs = json.jobs.map(jobFromJson);
  const definition: PipelineDefinition = {
    name: json.name,
    jobs: new Map(jobs.map((job) => [job.name, job] as const)),
    globalEnv: json.global_env,
    timeout: json.timeout,
    retryPolicy: { maxAttempts: json.retry_policy.max_attempts },
    artifacts: artifactsFromJson(json.artifacts),
    ...startFromJson(json),
    createdAt: json.created_at,
  };
  if (definition.jobs.size < jobs.length) throw unreadable("jobs: two jobs have the same name");
  checkGraph(definition);
  return definition;
}

function checkGraph(definition: PipelineDefinition): void {
  for (const job of definition.jobs.values()) {
    const isRepeated = new Set(job.dependsOn).size < job.dependsOn.length;
    if (isRepeated) throw unreadable(`jobs: depends_on of "${job.name}" names a job twice`);
  }
  try {
    dependencyGraphOf(definition).levels();
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    throw unreadable(`jobs: ${error.message}`, error);
  }
}

function unreadable(detail: string, cause?: Error): WaybillError {
  return new WaybillError("DEFINITION_UNREADABLE", { detail }, { cause });
}

function jobToJson(job: PipelineJob): JsonObject {
  return {
    name: job.name,
    depends_on: job.dependsOn,
    condition: job.condition,
    environment: environmentToJson(job.environment),
    artifacts: artifactsToJson(job.artifacts),
    timeout: job.timeout,
    place: placeToJson(job.place),
    ...retryToFields(job.retry),
    // Only where it is said: older versions refuse fields they do not know.
    ...(job.deploysTo === null ? {} : { deploys_to: job.deploysTo }),
    steps: job.steps.map(stepToJson),
  };
}

function jobFromJson(json: JobJson): PipelineJob {
  return {
    name: json.name,
    steps: json.steps.map(stepFromJson),
    dependsOn: json.depends_on,
    artifacts: artifactsFromJson(json.artifacts),
    environment: json.environment,
    timeout: json.timeout,
    place: placeFromJson(json.place),
    retry: retryFromFields(json),
    condition: json.condition,
    deploysTo: json.deploys_to ?? null,
  };
}

function placeToJson({ resources, isolation, pullPolicy }: JobPlace): JsonObject {
  return {
    resources: { ...resources },
    isolation: { user: isolation.user, root_filesystem: isolation.rootFilesystem, network: isolation.network },
    pull_policy: pullPolicy,
  };
}

/** Definitions stored before jobs could say where they run have no place. */
function placeFromJson(json: JobJson["place"]): JobPlace {
  if (json === undefined) return DEFAULT_PLACE;
  const { user, root_filesystem: rootFilesystem, network } = json.isolation;
  return { resources: json.resources, isolation: { user, rootFilesystem, network }, pullPolicy: json.pull_policy };
}

function stepToJson(step: PipelineStep): JsonObject {
  return {
    name: step.name,
    script: step.script.map(textToJson),
    action: step.action,
    image: step.image === null ? null : textToJson(step.image),
    environment: environmentToJson(step.environment),
    timeout: step.timeout,
    ...retryToFields(step.retry),
    working_directory: textToJson(step.workingDirectory),
    continue_on_failure: step.continueOnFailure,
  };
}

function stepFromJson(json: StepJson): PipelineStep {
  return {
    name: json.name,
    script: json.script,
    action: json.action,
    image: json.image,
    environment: json.environment,
    timeout: json.timeout,
    retry: retryFromFields(json),
    workingDirectory: json.working_directory,
    continueOnFailure: json.continue_on_failure,
  };
}

function environmentToJson(environment: Environment): JsonObject {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, textToJson(value)]));
}

/** A list of paths stands for an artifact that has to be there. */
function artifactsToJson(artifacts: Artifacts): JsonObject {
  return Object.fromEntries(
    Object.entries(artifacts).map(([name, { paths, optional }]) => {
      const list = paths.map(textToJson);
      return [name, optional ? { paths: list, optional } : list];
    }),
  );
}

function artifactsFromJson(json: ArtifactsJson): Artifacts {
  return Object.fromEntries(
    Object.entries(json).map(([name, value]): [string, ArtifactSpec] => [
      name,
      "paths" in value ? { paths: value.paths, optional: value.optional } : { paths: value, optional: false },
    ]),
  );
}

function textToJson(text: Text): JsonValue {
  return isDeferred(text) ? { deferred: text.deferred } : text;
}
