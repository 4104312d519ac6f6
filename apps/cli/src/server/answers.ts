import type { JobRecord, Reason, RunRecord, StepRecord } from "@waybill/engine";
import * as z from "zod/mini";

/** What a server answers, as far as this program needs it. What is not listed is let be: servers may be newer. */

const time = z.pipe(
  z.string(),
  z.transform((text: string, context) => {
    const milliseconds = Date.parse(text);
    if (Number.isNaN(milliseconds)) context.issues.push({ code: "custom", message: "it is no time", input: text });
    return milliseconds;
  }),
);
const optionalTime = z.nullable(time);
/** One word of ours; a newer server may have more of them than this program knows. */
const reason = z.nullable(z.string()) as unknown as z.ZodMiniType<Reason | null>;

export const runAnswer = z.object({
  id: z.uuid(),
  number: z.int(),
  pipeline_id: z.nullable(z.string()),
  pipeline_name: z.string(),
  config_path: z.string(),
  trigger: z.string(),
  status: z.enum(["pending", "running", "success", "failed", "cancelled"]),
  reason,
  git_ref: z.nullable(z.string()),
  git_sha: z.nullable(z.string()),
  concurrency_group: z.nullable(z.string()),
  rerun_of: z.nullable(z.string()),
  created_at: time,
  started_at: optionalTime,
  finished_at: optionalTime,
});

const artifactAnswer = z.object({
  id: z.uuid(),
  name: z.string(),
  job: z.string(),
  content_hash: z.string(),
  size_bytes: z.int(),
  file_count: z.int(),
  created_at: time,
});
export type ArtifactAnswer = z.infer<typeof artifactAnswer>;

const stepAnswer = z.object({
  id: z.uuid(),
  name: z.string(),
  position: z.int(),
  status: z.enum(["pending", "running", "success", "failed", "cancelled"]),
  exit_code: z.nullable(z.int()),
  started_at: optionalTime,
  finished_at: optionalTime,
});

export const jobAnswer = z.object({
  id: z.uuid(),
  name: z.string(),
  status: z.enum(["pending", "running", "success", "failed", "cancelled", "retry"]),
  reason,
  message: z.string(),
  /** Null or left out, by older servers: none. */
  deploys_to: z.optional(z.nullable(z.string())),
  held_by: z.optional(z.nullable(z.string())),
  attempts: z.int(),
  depends_on: z.array(z.string()),
  outputs: z.record(z.string(), z.string()),
  started_at: optionalTime,
  finished_at: optionalTime,
  steps: z.array(stepAnswer),
  artifacts: z.array(artifactAnswer),
});
export type JobAnswer = z.infer<typeof jobAnswer>;

export const jobsAnswer = z.object({ items: z.array(jobAnswer) });

export const pipelineAnswer = z.object({
  id: z.uuid(),
  project_id: z.uuid(),
  name: z.string(),
  repository_url: z.string(),
  default_branch: z.string(),
  config_path: z.string(),
});
export type PipelineAnswer = z.infer<typeof pipelineAnswer>;

export const projectAnswer = z.object({ id: z.uuid(), name: z.string() });

export const startedAnswer = z.object({ id: z.uuid(), number: z.int() });

export const lineAnswer = z.object({
  line: z.int(),
  time,
  stream: z.enum(["stdout", "stderr", "system"]),
  step: z.int(),
  attempt: z.int(),
  text: z.string(),
});
export type LineAnswer = z.infer<typeof lineAnswer>;

export const linesAnswer = z.object({ items: z.array(lineAnswer), next_line: z.int(), total_lines: z.int() });

export function pageOf<Item extends z.ZodMiniType>(
  item: Item,
): z.ZodMiniObject<{ items: z.ZodMiniArray<Item>; next_cursor: z.ZodMiniNullable<z.ZodMiniString> }> {
  return z.object({ items: z.array(item), next_cursor: z.nullable(z.string()) });
}

export function runRecord(answer: z.infer<typeof runAnswer>): RunRecord {
  return {
    id: answer.id,
    number: answer.number,
    pipelineName: answer.pipeline_name,
    file: answer.config_path,
    trigger: answer.trigger,
    status: answer.status,
    reason: answer.reason,
    createdAt: answer.created_at,
    startedAt: answer.started_at,
    finishedAt: answer.finished_at,
    pipelineId: answer.pipeline_id,
    gitRef: answer.git_ref,
    gitSha: answer.git_sha,
    concurrencyGroup: answer.concurrency_group,
    rerunOf: answer.rerun_of,
  };
}

export function jobRecord(answer: JobAnswer): JobRecord {
  const { id, name, status, reason: why, message, attempts, outputs } = answer;
  return {
    ...{ id, name, status, reason: why, message, attempts, outputs },
    startedAt: answer.started_at,
    finishedAt: answer.finished_at,
  };
}

export function stepRecords({ id: jobId, steps }: JobAnswer): StepRecord[] {
  return steps.map(
    ({ id, name, position, status, exit_code: exitCode, started_at: startedAt, finished_at: finishedAt }) => ({
      ...{ id, jobId, name, position, status, exitCode, startedAt, finishedAt },
    }),
  );
}
