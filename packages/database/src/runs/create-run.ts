import { NO_ORIGIN, type NewRun, type RunOrigin, type RunRecord } from "@waybill/engine";
import { definitionToJson } from "@waybill/pipeline";
import type { Insertable, Transaction } from "kysely";
import type { Tables } from "../schema/tables.ts";
import { runNameOfRef } from "../search/run-name.ts";

/**
 * Rows of one multi-row insert: 7 columns each at most, far below SQLite's 32,766 parameters a statement. Larger statements
 * are not faster, they only take longer to build.
 */
const ROWS_PER_INSERT = 250;

/** Writes a new run; the caller's transaction has locked the numbers, so the next one is free. */
export async function createRun(trx: Transaction<Tables>, run: NewRun): Promise<RunRecord> {
  const { highest } = await trx
    .selectFrom("pipeline_runs")
    .select((of) => of.fn.coalesce(of.fn.max("number"), of.lit(0)).as("highest"))
    .executeTakeFirstOrThrow();
  const number = highest + 1;
  await trx
    .insertInto("pipeline_runs")
    .values({
      id: run.id,
      number,
      pipeline_name: run.pipelineName,
      config_path: run.file,
      trigger: run.trigger,
      created_at: run.createdAt,
      parameter_names: JSON.stringify(run.parameterNames),
      config_snapshot: JSON.stringify(definitionToJson(run.definition)),
      ...originColumns(run.origin),
    })
    .execute();
  await nameRun(trx, run, number);
  await insertInChunks(trx, "jobs", jobRows(run));
  await insertInChunks(trx, "job_steps", stepRows(run));
  await storeReused(trx, run);
  return {
    id: run.id,
    number,
    pipelineName: run.pipelineName,
    file: run.file,
    trigger: run.trigger,
    status: "pending",
    reason: null,
    createdAt: run.createdAt,
    startedAt: null,
    finishedAt: null,
    ...originFields(run.origin),
  };
}

function originColumns(origin: RunOrigin | null): Partial<Insertable<Tables["pipeline_runs"]>> {
  if (origin === null) return {};
  return {
    pipeline_id: origin.pipelineId,
    git_ref: origin.gitRef,
    git_sha: origin.gitSha,
    trigger_event: JSON.stringify(origin.triggerEvent),
    inputs: JSON.stringify(origin.inputs),
    concurrency_group: origin.concurrencyGroup,
    rerun_of: origin.rerunOf,
  };
}

function originFields(origin: RunOrigin | null): Pick<RunRecord, keyof typeof NO_ORIGIN> {
  if (origin === null) return NO_ORIGIN;
  const { pipelineId, gitRef, gitSha, concurrencyGroup, rerunOf } = origin;
  return { pipelineId, gitRef, gitSha, concurrencyGroup, rerunOf };
}

/** Its commit and its ref are found by their names from now on. */
async function nameRun(
  trx: Transaction<Tables>,
  { id, origin, createdAt }: Pick<NewRun, "id" | "origin" | "createdAt">,
  number: number,
): Promise<void> {
  if (origin === null) return;
  const { pipelineId, gitRef, gitSha } = origin;
  const pipeline = await trx
    .selectFrom("pipelines")
    .select("project_id")
    .where("id", "=", pipelineId)
    .executeTakeFirst();
  // The run has been refused for that already, where the database sees to references.
  if (pipeline === undefined) return;
  const run = { run_number: number, run_id: id, pipeline_id: pipelineId, seen_at: createdAt };
  await trx
    .insertInto("run_names")
    .values([
      { kind: "commit", name: gitSha, project_id: pipeline.project_id, ...run },
      { ...runNameOfRef(gitRef), project_id: pipeline.project_id, ...run },
    ])
    .onConflict((conflict) => conflict.columns(["kind", "name", "project_id"]).doUpdateSet(run))
    .execute();
}

function jobRows(run: NewRun): Insertable<Tables["jobs"]>[] {
  return run.jobs.map((job, position) => ({ id: job.id, pipeline_run_id: run.id, name: job.name, position }));
}

function stepRows(run: NewRun): Insertable<Tables["job_steps"]>[] {
  return run.jobs.flatMap((job) =>
    job.steps.map((step, position) => ({ id: step.id, job_id: job.id, name: step.name, position })),
  );
}

/** Jobs that an earlier run has made are settled from the start, in the transaction that makes the run visible. */
async function storeReused(trx: Transaction<Tables>, { jobs, createdAt }: NewRun): Promise<void> {
  const artifacts: Insertable<Tables["artifacts"]>[] = [];
  const audit: Insertable<Tables["artifact_audit"]>[] = [];
  for (const { id, reused } of jobs) {
    if (reused === undefined) continue;
    const columns = { status: "success", message: reused.message, outputs: JSON.stringify(reused.outputs) };
    await trx
      .updateTable("jobs")
      .set({ ...columns, finished_at: createdAt })
      .where("id", "=", id)
      .execute();
    await trx.updateTable("job_steps").set({ status: "success" }).where("job_id", "=", id).execute();
    for (const { id: artifact, name, ref, sizeBytes, fileCount } of reused.artifacts) {
      const row = { id: artifact, job_id: id, name, ref, size_bytes: sizeBytes, file_count: fileCount };
      artifacts.push({ ...row, created_at: createdAt });
      const change = { kind: "reference_change", delta: 1, details: "{}" };
      audit.push({ id: `${artifact}+`, time: createdAt, content_hash: ref, job_id: id, ...change });
    }
  }
  await insertInChunks(trx, "artifacts", artifacts);
  await insertInChunks(trx, "artifact_audit", audit);
}

async function insertInChunks<Table extends "jobs" | "job_steps" | "artifacts" | "artifact_audit">(
  trx: Transaction<Tables>,
  table: Table,
  rows: readonly Insertable<Tables[Table]>[],
): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_PER_INSERT) {
    await trx
      .insertInto(table)
      .values(rows.slice(from, from + ROWS_PER_INSERT))
      .execute();
  }
}
