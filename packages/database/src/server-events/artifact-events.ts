import type { NewServerEvent } from "@waybill/core";
import type { ArtifactRecord } from "@waybill/engine";
import type { Kysely, Transaction } from "kysely";
import type { RunDatabase } from "../runs/run-database.ts";
import type { Tables } from "../schema/tables.ts";
import { appendServerEvents } from "./append-server-events.ts";

/** Tells of what a run of a pipeline has stored. Runs of directories have nobody who follows them. */
export async function tellStored(
  database: Pick<RunDatabase, "eventNotices">,
  trx: Transaction<Tables>,
  runId: string,
  artifacts: readonly ArtifactRecord[],
): Promise<void> {
  const origin = await trx
    .selectFrom("pipeline_runs")
    .innerJoin("pipelines", "pipelines.id", "pipeline_runs.pipeline_id")
    .select(["pipelines.id", "pipelines.project_id"])
    .where("pipeline_runs.id", "=", runId)
    .executeTakeFirst();
  if (origin === undefined) return;
  const jobIds = [...new Set(artifacts.map(({ jobId }) => jobId))];
  const jobs = await trx.selectFrom("jobs").select(["id", "name"]).where("id", "in", jobIds).execute();
  const names = new Map(jobs.map(({ id, name }) => [id, name]));
  const events = artifacts.map(({ id, jobId, name, ref, sizeBytes, fileCount, createdAt }): NewServerEvent => {
    const place = { projectId: origin.project_id, pipelineId: origin.id, runId, jobId };
    const size = { size_bytes: sizeBytes, file_count: fileCount };
    return {
      // A save that is repeated after a crash is told once.
      ...{ ...place, id: `${id}+`, time: createdAt, type: "artifact.stored" },
      fields: { artifact_id: id, job: names.get(jobId) ?? "", name, content_hash: ref, ...size },
    };
  });
  await appendServerEvents(database, trx, events);
}

/** The projects that have an artifact of this content. */
export async function projectsOfContent(db: Kysely<Tables>, ref: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("artifacts")
    .innerJoin("jobs", "jobs.id", "artifacts.job_id")
    .innerJoin("pipeline_runs", "pipeline_runs.id", "jobs.pipeline_run_id")
    .innerJoin("pipelines", "pipelines.id", "pipeline_runs.pipeline_id")
    .select("pipelines.project_id")
    .distinct()
    .where("artifacts.ref", "=", ref)
    .orderBy("pipelines.project_id")
    .execute();
  return rows.map(({ project_id: projectId }) => projectId);
}
