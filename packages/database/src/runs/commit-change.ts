import { WaybillError } from "@waybill/core";
import type { ArtifactRecord, ExecutionRecord, RunChange } from "@waybill/engine";
import { sql, type CompiledQuery, type Transaction } from "kysely";
import type { Tables } from "../schema/tables.ts";
import { tellStored } from "../server-events/artifact-events.ts";
import type { RunDatabase } from "./run-database.ts";
import type { StatementCache } from "./statement-cache.ts";

/** Where a change is written: one transaction, with the statements that earlier ones have compiled. */
export interface CommitContext {
  readonly database: Pick<RunDatabase, "eventNotices">;
  readonly trx: Transaction<Tables>;
  readonly statements: StatementCache;
  readonly runId: string;
}

type Value = string | number | null;

/** Record field -> column, of everything a change may alter. */
const RUN_FIELDS = { status: "status", reason: "reason", startedAt: "started_at", finishedAt: "finished_at" };
const JOB_FIELDS = { ...RUN_FIELDS, message: "message", attempts: "attempts", outputs: "outputs" };
const STEP_FIELDS = { status: "status", exitCode: "exit_code", startedAt: "started_at", finishedAt: "finished_at" };

/** Writes one transition. The transaction makes it all or nothing. */
export async function commitChange(context: CommitContext, change: RunChange): Promise<void> {
  if (change.run !== undefined) await patchRun(context, change.run);
  for (const job of change.jobs) await patchJob(context, job);
  for (const step of change.steps) await patchStep(context, step);
  for (const execution of change.executions) await insertExecution(context, execution);
  for (const artifact of change.artifacts) await putArtifact(context, artifact);
  if (change.artifacts.length > 0) await tellStored(context.database, context.trx, context.runId, change.artifacts);
  const finishedAt = change.run?.finishedAt ?? null;
  if (finishedAt !== null) await releaseArtifacts(context, finishedAt);
  if (change.events.length > 0) await appendEvents(context, change.events);
}

function patchRun(context: CommitContext, patch: NonNullable<RunChange["run"]>): Promise<void> {
  const { trx, runId } = context;
  return applyPatch(context, "run", RUN_FIELDS, patch, [runId], (columns) =>
    trx.updateTable("pipeline_runs").set(columns).where("id", "=", runId).compile(),
  );
}

function patchJob(context: CommitContext, { id, outputs, ...rest }: RunChange["jobs"][number]): Promise<void> {
  const { trx, runId } = context;
  const patch = outputs === undefined ? rest : { ...rest, outputs: JSON.stringify(outputs) };
  return applyPatch(context, "job", JOB_FIELDS, patch, [id, runId], (columns) =>
    trx.updateTable("jobs").set(columns).where("id", "=", id).where("pipeline_run_id", "=", runId).compile(),
  );
}

function patchStep(context: CommitContext, { id, ...patch }: RunChange["steps"][number]): Promise<void> {
  const { trx, runId } = context;
  return applyPatch(context, "step", STEP_FIELDS, patch, [id, runId], (columns) =>
    trx
      .updateTable("job_steps")
      .set(columns)
      .where("id", "=", id)
      .where((of) =>
        // By the job's key: a list of the run's jobs (`job_id in (…)`) would make each step cost all of them.
        of.exists(
          of
            .selectFrom("jobs")
            .select("jobs.id")
            .whereRef("jobs.id", "=", "job_steps.job_id")
            .where("pipeline_run_id", "=", runId),
        ),
      )
      .compile(),
  );
}

/**
 * Updates the one row that `keys` name.
 *
 * @param keys Parameters behind those of the assignments; the first is the id.
 * @param build Compiles the update; what the columns are set to does not matter, the values are put in afterwards.
 */
async function applyPatch(
  { trx, statements }: CommitContext,
  kind: string,
  fields: Readonly<Record<string, string>>,
  patch: Readonly<Record<string, Value | undefined>>,
  keys: readonly [string, ...string[]],
  build: (columns: Readonly<Record<string, null>>) => CompiledQuery,
): Promise<void> {
  const columns: Record<string, null> = {};
  const parameters: Value[] = [];
  for (const [field, column] of Object.entries(fields)) {
    const value = patch[field];
    if (value === undefined) continue;
    columns[column] = null;
    parameters.push(value);
  }
  if (parameters.length === 0) return;
  const shape = `update ${kind} ${Object.keys(columns).join()}`;
  const { numAffectedRows } = await statements.run(trx, shape, [...parameters, ...keys], () => build(columns));
  if (numAffectedRows !== 1n) {
    throw new WaybillError("INTERNAL", {
      detail: `a change names the ${kind} ${keys[0]}, which this run does not have`,
    });
  }
}

async function insertExecution({ trx, statements }: CommitContext, execution: ExecutionRecord): Promise<void> {
  const { id, jobId, attempt, executor } = execution;
  await statements.run(trx, "insert execution", [id, jobId, attempt, executor], () =>
    trx.insertInto("executions").values({ id, job_id: jobId, attempt, executor }).compile(),
  );
}

async function putArtifact({ trx, statements }: CommitContext, artifact: ArtifactRecord): Promise<void> {
  const { id, jobId, name, ref, sizeBytes, fileCount, createdAt } = artifact;
  await statements.run(trx, "put artifact", [id, jobId, name, ref, sizeBytes, fileCount, createdAt], () =>
    trx
      .insertInto("artifacts")
      .values({
        id,
        job_id: jobId,
        name,
        ref,
        size_bytes: sizeBytes,
        file_count: fileCount,
        created_at: createdAt,
      })
      .onConflict((conflict) =>
        conflict.columns(["job_id", "name"]).doUpdateSet((row) => ({
          id: row.ref("excluded.id"),
          ref: row.ref("excluded.ref"),
          size_bytes: row.ref("excluded.size_bytes"),
          file_count: row.ref("excluded.file_count"),
          created_at: row.ref("excluded.created_at"),
        })),
      )
      .compile(),
  );
  const audit = [`${id}+`, createdAt, ref, jobId];
  await statements.run(trx, "reference gained", audit, () =>
    trx
      .insertInto("artifact_audit")
      .values({
        id: `${id}+`,
        time: createdAt,
        content_hash: ref,
        job_id: jobId,
        kind: sql.lit("reference_change"),
        delta: sql.lit(1),
        details: sql.lit("{}"),
      })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .compile(),
  );
}

/** The run has settled: its jobs need their artifacts no more. */
async function releaseArtifacts({ trx, statements, runId }: CommitContext, time: number): Promise<void> {
  await statements.run(trx, "references lost", [time, runId], () =>
    trx
      .insertInto("artifact_audit")
      .columns(["id", "time", "kind", "content_hash", "job_id", "delta", "details"])
      .expression((of) =>
        of
          .selectFrom("artifacts")
          .innerJoin("jobs", "jobs.id", "artifacts.job_id")
          .select([
            sql<string>`artifacts.id || '-'`.as("id"),
            // PostgreSQL takes a parameter among selected columns for text.
            sql<number>`cast(${time} as bigint)`.as("time"),
            sql.lit("reference_change").as("kind"),
            "artifacts.ref",
            "artifacts.job_id",
            sql.lit(-1).as("delta"),
            sql.lit("{}").as("details"),
          ])
          .where("jobs.pipeline_run_id", "=", runId),
      )
      .onConflict((conflict) => conflict.column("id").doNothing())
      .compile(),
  );
}

/** The run is locked, so nobody else can take the next sequence number. */
async function appendEvents({ trx, statements, runId }: CommitContext, events: RunChange["events"]): Promise<void> {
  const { rows } = await statements.run(trx, "last seq", [runId], () =>
    trx
      .selectFrom("events")
      .select((of) => of.fn.max("seq").as("last"))
      .where("run_id", "=", runId)
      .compile(),
  );
  let seq = rows[0]?.last ?? 0;
  for (const { time, event } of events) {
    seq += 1;
    const payload = JSON.stringify(event);
    await statements.run(trx, "insert event", [runId, seq, time, payload], () =>
      trx.insertInto("events").values({ run_id: runId, seq, time, payload }).compile(),
    );
  }
  const [first] = events;
  const [firstSeq, time] = [seq - events.length + 1, first?.time ?? 0];
  await statements.run(trx, "insert unplaced events", [runId, firstSeq, seq, time], () =>
    trx.insertInto("unplaced_events").values({ run_id: runId, first_seq: firstSeq, last_seq: seq, time }).compile(),
  );
}
