import type { FoundArtifact, FoundExecution, JobRecord, RunOrigin, RunRecord, UnfinishedCounts } from "@waybill/engine";
import type { Kysely } from "kysely";
import type { Tables } from "../schema/tables.ts";
import {
  ARTIFACT_COLUMNS,
  EXECUTION_COLUMNS,
  JOB_COLUMNS,
  ORIGIN_COLUMNS,
  RUN_COLUMNS,
  type RowReader,
} from "./rows.ts";

export async function unfinishedRuns(
  db: Kysely<Tables>,
  rows: RowReader,
  limit: number,
): Promise<readonly RunRecord[]> {
  const found = await db
    .selectFrom("pipeline_runs")
    .select(RUN_COLUMNS)
    .where("status", "in", ["pending", "running"])
    .where("pipeline_id", "is not", null)
    .orderBy("number")
    .limit(limit)
    .execute();
  return found.map((row) => rows.run(row));
}

/** Both are counted of the few runs that have not ended, whose status has an index. */
export async function countUnfinished(db: Kysely<Tables>): Promise<UnfinishedCounts> {
  const runs = { pending: 0, running: 0 };
  const jobs = { pending: 0, running: 0, retry: 0, success: 0, failed: 0, cancelled: 0 };
  const unfinished = db
    .selectFrom("pipeline_runs")
    .where("pipeline_runs.status", "in", ["pending", "running"])
    .where("pipeline_id", "is not", null);
  const ofRuns = unfinished.select((of) => ["pipeline_runs.status", of.fn.countAll().as("number")]);
  for (const { status, number } of await ofRuns.groupBy("pipeline_runs.status").execute()) {
    if (isKey(runs, status)) runs[status] = Number(number);
  }
  const ofJobs = unfinished
    .innerJoin("jobs", "jobs.pipeline_run_id", "pipeline_runs.id")
    .select((of) => ["jobs.status", of.fn.countAll().as("number")]);
  for (const { status, number } of await ofJobs.groupBy("jobs.status").execute()) {
    if (isKey(jobs, status)) jobs[status] = Number(number);
  }
  return { runs, jobs };
}

function isKey<Counts extends object>(counts: Counts, key: string): key is Extract<keyof Counts, string> {
  return Object.hasOwn(counts, key);
}

export async function originOfRun(db: Kysely<Tables>, rows: RowReader, runId: string): Promise<RunOrigin | null> {
  const row = await db
    .selectFrom("pipeline_runs")
    .select(ORIGIN_COLUMNS)
    .where("id", "=", runId)
    .where("pipeline_id", "is not", null)
    .executeTakeFirst();
  return row === undefined ? null : rows.origin(row);
}

export async function findJob(
  db: Kysely<Tables>,
  rows: RowReader,
  jobId: string,
): Promise<{ readonly runId: string; readonly job: JobRecord } | null> {
  const row = await db
    .selectFrom("jobs")
    .select([...JOB_COLUMNS, "pipeline_run_id"])
    .where("id", "=", jobId)
    .executeTakeFirst();
  return row === undefined ? null : { runId: row.pipeline_run_id, job: rows.job(row) };
}

export async function findExecution(
  db: Kysely<Tables>,
  rows: RowReader,
  executionId: string,
): Promise<FoundExecution | null> {
  const row = await db
    .selectFrom("executions")
    .select(EXECUTION_COLUMNS)
    .where("id", "=", executionId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const execution = rows.execution(row);
  const found = await findJob(db, rows, execution.jobId);
  return found === null ? null : { ...found, execution };
}

export async function findArtifact(
  db: Kysely<Tables>,
  rows: RowReader,
  artifactId: string,
): Promise<FoundArtifact | null> {
  const row = await db
    .selectFrom("artifacts")
    .innerJoin("jobs", "jobs.id", "artifacts.job_id")
    .select(ARTIFACT_COLUMNS.map((column) => `artifacts.${column}` as const))
    .select(["jobs.pipeline_run_id", "jobs.name as job_name"])
    .where("artifacts.id", "=", artifactId)
    .executeTakeFirst();
  return row === undefined ? null : { runId: row.pipeline_run_id, jobName: row.job_name, artifact: rows.artifact(row) };
}
