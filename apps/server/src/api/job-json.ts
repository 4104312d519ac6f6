import { STAGE_TYPES, stageType, type JobRecord, type StepRecord } from "@waybill/engine";
import type { PipelineDefinition } from "@waybill/pipeline";
import * as z from "zod/mini";
import type { Services } from "../services.ts";
import { artifact, artifactJson } from "./artifact-json.ts";
import { named, optionalTime, optionalTimeOf } from "./schemas.ts";

export const jobStatus = z.enum(["pending", "running", "success", "failed", "cancelled", "retry"]);

const step = named(
  "Step",
  z.object({
    id: z.uuid(),
    name: z.string(),
    position: z.int(),
    status: z.enum(["pending", "running", "success", "failed", "cancelled"]),
    exit_code: z.nullable(z.int()),
    started_at: optionalTime,
    finished_at: optionalTime,
  }),
);

export const job = named(
  "Job",
  z.object({
    id: z.uuid(),
    name: z.string(),
    /** By its name: `build`, `test-unit`, `deploy_prod`. Null: of none of the three. */
    stage_type: z.nullable(z.enum(STAGE_TYPES)),
    status: jobStatus,
    reason: z.nullable(z.string()),
    message: z.string(),
    /** The environment it works on; null: none. */
    deploys_to: z.nullable(z.string()),
    /** What a job that is due waits for, in words; null: nothing holds it. */
    held_by: z.nullable(z.string()),
    attempts: z.int(),
    depends_on: z.array(z.string()),
    outputs: z.record(z.string(), z.string()),
    started_at: optionalTime,
    finished_at: optionalTime,
    steps: z.array(step),
    artifacts: z.array(artifact),
  }),
);

/** In the order of the definition. */
export async function jobsJson({ store }: Services, runId: string): Promise<z.infer<typeof job>[]> {
  const [definition, jobs, steps, artifacts] = await Promise.all([
    store.definition(runId),
    store.jobs(runId),
    store.steps(runId),
    store.artifacts(runId),
  ]);
  const stepsOf = Map.groupBy(steps, ({ jobId }) => jobId);
  const artifactsOf = Map.groupBy(artifacts, ({ jobId }) => jobId);
  return jobs.map((record) => ({
    ...jobJson(record, definition),
    steps: (stepsOf.get(record.id) ?? []).map(stepJson),
    artifacts: (artifactsOf.get(record.id) ?? []).map((each) => artifactJson(each, record.name)),
  }));
}

function jobJson(
  record: JobRecord,
  definition: PipelineDefinition | null,
): Omit<z.infer<typeof job>, "steps" | "artifacts"> {
  const { id, name, status, reason, message, attempts, outputs } = record;
  return {
    id,
    name,
    stage_type: stageType(name),
    status,
    reason,
    message,
    deploys_to: definition?.jobs.get(name)?.deploysTo ?? null,
    held_by: reason === "held" ? message : null,
    attempts,
    depends_on: [...(definition?.jobs.get(name)?.dependsOn ?? [])],
    outputs: { ...outputs },
    started_at: optionalTimeOf(record.startedAt),
    finished_at: optionalTimeOf(record.finishedAt),
  };
}

function stepJson({ id, name, position, status, exitCode, startedAt, finishedAt }: StepRecord): z.infer<typeof step> {
  return {
    id,
    name,
    position,
    status,
    exit_code: exitCode,
    started_at: optionalTimeOf(startedAt),
    finished_at: optionalTimeOf(finishedAt),
  };
}
