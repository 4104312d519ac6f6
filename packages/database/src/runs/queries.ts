import type { FoundArtifact, JobRecord, RunOrigin, RunQuery, RunRecord } from "@waybill/engine";
import type { Kysely } from "kysely";
import type { Tables } from "../schema/tables.ts";
import { ARTIFACT_COLUMNS, JOB_COLUMNS, ORIGIN_COLUMNS, RUN_COLUMNS, type RowReader } from "./rows.ts";

/** Each filter has an index that ends with the number, so a page costs its own length however many runs there are. */
export async function pageOfRuns(db: Kysely<Tables>, rows: RowReader, query: RunQuery): Promise<readonly RunRecord[]> {
  let select = db.selectFrom("pipeline_runs").select(RUN_COLUMNS);
  const { projectIds } = query;
  if (projectIds !== undefined) {
    if (projectIds.length === 0) return [];
    select = select.where("pipeline_id", "in", (pipelines) =>
      pipelines.selectFrom("pipelines").select("id").where("project_id", "in", projectIds),
    );
  }
  if (query.pipelineId !== undefined) select = select.where("pipeline_id", "=", query.pipelineId);
  if (query.status !== undefined) select = select.where("status", "=", query.status);
  if (query.gitRef !== undefined) select = select.where("git_ref", "=", query.gitRef);
  if (query.before !== undefined) select = select.where("number", "<", query.before);
  const found = await select.orderBy("number", "desc").limit(query.limit).execute();
  return found.map((row) => rows.run(row));
}

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
