import type { StoredServerEvent } from "@waybill/core";
import type {
  ArtifactRecord,
  ExecutionRecord,
  JobRecord,
  RunEvent,
  RunOrigin,
  RunRecord,
  StepRecord,
  StoredEvent,
} from "@waybill/engine";
import * as z from "zod/mini";
import { RowParser } from "../row-parser.ts";
import { reasonSchema } from "./reason-schema.ts";
import { runEventSchema } from "./run-event-schema.ts";

const runStatus = z.enum(["pending", "running", "success", "failed", "cancelled"]);
const jobStatus = z.enum(["pending", "running", "success", "failed", "cancelled", "retry"]);
const reason = z.nullable(reasonSchema);
const time = z.int();
const optionalTime = z.nullable(time);

const runRow = z.object({
  id: z.string(),
  number: z.int(),
  pipeline_name: z.string(),
  config_path: z.string(),
  trigger: z.string(),
  status: runStatus,
  reason,
  created_at: time,
  started_at: optionalTime,
  finished_at: optionalTime,
  pipeline_id: z.nullable(z.string()),
  git_ref: z.nullable(z.string()),
  git_sha: z.nullable(z.string()),
  concurrency_group: z.nullable(z.string()),
  rerun_of: z.nullable(z.string()),
});

const originRow = z.object({
  pipeline_id: z.string(),
  git_ref: z.string(),
  git_sha: z.string(),
  trigger_event: z.string(),
  inputs: z.string(),
  concurrency_group: z.nullable(z.string()),
  rerun_of: z.nullable(z.string()),
});

const triggerEventColumn = z.record(z.string(), z.unknown());
const inputsColumn = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const jobRow = z.object({
  id: z.string(),
  name: z.string(),
  status: jobStatus,
  reason,
  message: z.string(),
  attempts: z.int(),
  outputs: z.string(),
  started_at: optionalTime,
  finished_at: optionalTime,
});

const outputsColumn = z.record(z.string(), z.string());

const stepRow = z.object({
  id: z.string(),
  job_id: z.string(),
  name: z.string(),
  position: z.int(),
  status: runStatus,
  exit_code: z.nullable(z.int()),
  started_at: optionalTime,
  finished_at: optionalTime,
});

const executionRow = z.object({
  id: z.string(),
  job_id: z.string(),
  attempt: z.int(),
  executor: z.string(),
});

const artifactRow = z.object({
  id: z.string(),
  job_id: z.string(),
  name: z.string(),
  ref: z.string(),
  size_bytes: z.int(),
  file_count: z.int(),
  created_at: time,
});

const optionalText = z.nullable(z.string());

const serverEventRow = z.object({
  server_time: time,
  server_type: z.string(),
  server_project_id: optionalText,
  server_pipeline_id: optionalText,
  server_run_id: optionalText,
  server_job_id: optionalText,
  server_fields: z.string(),
});

const serverEventFields = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
);

const eventRow = z.object({ seq: z.int(), time, payload: z.string() });

/** The columns a record is made of: what to select, and nothing that could be large. */
export const RUN_COLUMNS = columnsOf(runRow);
export const ORIGIN_COLUMNS = columnsOf(originRow);
export const JOB_COLUMNS = columnsOf(jobRow);
export const STEP_COLUMNS = columnsOf(stepRow);
export const EXECUTION_COLUMNS = columnsOf(executionRow);
export const ARTIFACT_COLUMNS = columnsOf(artifactRow);
export const EVENT_COLUMNS = columnsOf(eventRow);
export const SERVER_EVENT_COLUMNS = [
  "time",
  "type",
  "project_id",
  "pipeline_id",
  "run_id",
  "job_id",
  "fields",
] as const;

/** Turns rows into records. Whatever else may have written to the database, nothing ill-typed comes past here. */
export class RowReader extends RowParser {
  run(row: unknown): RunRecord {
    const parsed = this.parse(runRow, row);
    const { pipeline_name, config_path, created_at, started_at, finished_at, ...others } = parsed;
    const { pipeline_id, git_ref, git_sha, concurrency_group, rerun_of, ...rest } = others;
    return {
      ...rest,
      pipelineId: pipeline_id,
      gitRef: git_ref,
      gitSha: git_sha,
      concurrencyGroup: concurrency_group,
      rerunOf: rerun_of,
      pipelineName: pipeline_name,
      file: config_path,
      createdAt: created_at,
      startedAt: started_at,
      finishedAt: finished_at,
    };
  }

  origin(row: unknown): RunOrigin {
    const { pipeline_id, git_ref, git_sha, trigger_event, inputs, ...rest } = this.parse(originRow, row);
    return {
      pipelineId: pipeline_id,
      gitRef: git_ref,
      gitSha: git_sha,
      triggerEvent: this.parse(triggerEventColumn, this.json(trigger_event)),
      inputs: this.parse(inputsColumn, this.json(inputs)),
      concurrencyGroup: rest.concurrency_group,
      rerunOf: rest.rerun_of,
    };
  }

  job(row: unknown): JobRecord {
    const { started_at, finished_at, outputs, ...rest } = this.parse(jobRow, row);
    const values = this.parse(outputsColumn, this.json(outputs));
    return { ...rest, outputs: values, startedAt: started_at, finishedAt: finished_at };
  }

  step(row: unknown): StepRecord {
    const { job_id, exit_code, started_at, finished_at, ...rest } = this.parse(stepRow, row);
    return { ...rest, jobId: job_id, exitCode: exit_code, startedAt: started_at, finishedAt: finished_at };
  }

  execution(row: unknown): ExecutionRecord {
    const { job_id, ...rest } = this.parse(executionRow, row);
    return { ...rest, jobId: job_id };
  }

  artifact(row: unknown): ArtifactRecord {
    const { job_id, size_bytes, file_count, created_at, ...rest } = this.parse(artifactRow, row);
    return { ...rest, jobId: job_id, sizeBytes: size_bytes, fileCount: file_count, createdAt: created_at };
  }

  event(row: unknown): StoredEvent {
    const { payload, ...rest } = this.parse(eventRow, row);
    return { ...rest, event: this.parse<RunEvent>(runEventSchema, this.json(payload)) };
  }

  /** The columns of `SERVER_EVENT_COLUMNS`, each behind `server_`. */
  serverEvent(row: unknown): StoredServerEvent {
    const parsed = this.parse(serverEventRow, row);
    return {
      time: parsed.server_time,
      type: parsed.server_type,
      projectId: parsed.server_project_id,
      pipelineId: parsed.server_pipeline_id,
      runId: parsed.server_run_id,
      jobId: parsed.server_job_id,
      fields: this.parse(serverEventFields, this.json(parsed.server_fields)),
    };
  }

  parameterNames(column: string): readonly string[] {
    return this.parse(z.array(z.string()), this.json(column));
  }
}

function columnsOf<Shape extends z.core.$ZodShape>(schema: z.ZodMiniObject<Shape>): readonly (keyof Shape & string)[] {
  return Object.keys(schema.shape);
}
