import type { ArtifactRecords, AuditEntry, Pin, RegisteredArtifact } from "@waybill/artifacts";
import { systemIds, type Ids, type NewServerEvent } from "@waybill/core";
import type { Kysely } from "kysely";
import type { RunDatabase } from "../runs/run-database.ts";
import type { Tables } from "../schema/tables.ts";
import { appendServerEvents } from "../server-events/append-server-events.ts";
import { projectsOfContent } from "../server-events/artifact-events.ts";
import { ArtifactRowReader } from "./rows.ts";

/** Rows of one statement: SQLite takes 32,766 parameters. */
const ROWS_AT_ONCE = 500;

/** What the artifact store must know beyond its files, on SQL. */
export class SqlArtifactRecords implements ArtifactRecords {
  readonly #db: Kysely<Tables>;
  readonly #database: RunDatabase;
  readonly #ids: Ids;
  readonly #rows: ArtifactRowReader;

  constructor(database: RunDatabase, ids: Ids = systemIds) {
    this.#db = database.db;
    this.#database = database;
    this.#ids = ids;
    this.#rows = new ArtifactRowReader(database.path);
  }

  async registered(): Promise<readonly RegisteredArtifact[]> {
    const query = this.#db
      .selectFrom("artifacts")
      .innerJoin("jobs", "jobs.id", "artifacts.job_id")
      .innerJoin("pipeline_runs", "pipeline_runs.id", "jobs.pipeline_run_id")
      .select([
        "artifacts.ref",
        "pipeline_runs.id as run_id",
        "pipeline_runs.number as run_number",
        "pipeline_runs.pipeline_name",
        "pipeline_runs.status as run_status",
        "jobs.name as job",
        "artifacts.name",
        "artifacts.size_bytes",
        "artifacts.file_count",
        "artifacts.created_at",
      ])
      .orderBy("pipeline_runs.number", "desc")
      .orderBy("jobs.position")
      .orderBy("artifacts.name");
    return (await this.#guard(() => query.execute())).map((row) => this.#rows.registered(row));
  }

  async pins(): Promise<readonly Pin[]> {
    const query = this.#db
      .selectFrom("artifact_pins")
      .select(["ref", "owner", "reason", "created_at"])
      .orderBy("created_at")
      .orderBy("ref")
      .orderBy("owner");
    return (await this.#guard(() => query.execute())).map((row) => this.#rows.pin(row));
  }

  async pin({ ref, owner, reason, createdAt }: Pin): Promise<boolean> {
    return await this.#changeReference(ref, owner, 1, createdAt, async (trx) => {
      const { numInsertedOrUpdatedRows } = await trx
        .insertInto("artifact_pins")
        .values({ ref, owner, reason, created_at: createdAt })
        .onConflict((conflict) => conflict.columns(["ref", "owner"]).doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    });
  }

  async unpin(ref: string, owner: string, time: number): Promise<boolean> {
    return await this.#changeReference(ref, owner, -1, time, async (trx) => {
      const { numDeletedRows } = await trx
        .deleteFrom("artifact_pins")
        .where("ref", "=", ref)
        .where("owner", "=", owner)
        .executeTakeFirst();
      return numDeletedRows === 1n;
    });
  }

  async audit(entries: readonly AuditEntry[]): Promise<void> {
    for (let at = 0; at < entries.length; at += ROWS_AT_ONCE) {
      const some = entries.slice(at, at + ROWS_AT_ONCE);
      const values = some.map((entry) => this.#auditRow(entry));
      await this.#guard(() =>
        this.#database.transaction(async (trx) => {
          await trx.insertInto("artifact_audit").values(values).execute();
          for (const entry of some) {
            await appendServerEvents(this.#database, trx, await eventsOf(trx, entry), this.#ids);
          }
        }),
      );
    }
  }

  async auditTrail(limit: number): Promise<readonly AuditEntry[]> {
    const query = this.#db
      .selectFrom("artifact_audit")
      .select(["time", "kind", "content_hash", "job_id", "delta", "details"])
      .orderBy("time", "desc")
      .orderBy("id", "desc")
      .limit(limit);
    return (await this.#guard(() => query.execute())).map((row) => this.#rows.audit(row));
  }

  async lockCleanup(): Promise<{ release(): Promise<void> } | null> {
    return await this.#guard(() => this.#database.lock("artifact-cleanup"));
  }

  /** The change and the entry that tells of it, in one transaction; neither where nothing changed. */
  async #changeReference(
    ref: string,
    owner: string,
    delta: 1 | -1,
    time: number,
    change: (trx: Kysely<Tables>) => Promise<boolean>,
  ): Promise<boolean> {
    const details = { owner, kind: "pin" };
    const entry = { time, kind: "reference_change", contentHash: ref, jobId: null, delta, details } as const;
    return await this.#guard(() =>
      this.#database.transaction(async (trx) => {
        const isChanged = await change(trx);
        if (isChanged) await trx.insertInto("artifact_audit").values(this.#auditRow(entry)).execute();
        return isChanged;
      }),
    );
  }

  #auditRow({ time, kind, contentHash, jobId, delta, details }: AuditEntry): Tables["artifact_audit"] {
    return {
      id: this.#ids.next(),
      time,
      kind,
      content_hash: contentHash,
      job_id: jobId,
      delta,
      details: JSON.stringify(details),
    };
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw this.#database.storeError(error);
    }
  }
}

/** What those who follow are told of a content that is gone or damaged. */
async function eventsOf(
  db: Kysely<Tables>,
  { kind, contentHash: ref, time, details }: AuditEntry,
): Promise<readonly NewServerEvent[]> {
  if (ref === null || (kind !== "deletion" && kind !== "corruption")) return [];
  const projectIds = await projectsOfContent(db, ref);
  if (kind === "deletion") {
    const { reason } = details;
    const fields = { content_hash: ref, reason: typeof reason === "string" ? reason : "" };
    return projectIds.map((projectId) => ({ time, projectId, type: "artifact.removed", fields }));
  }
  // A part of an artifact is of no project in particular: administrators are told.
  const places = projectIds.length === 0 ? [null] : projectIds;
  return places.map((projectId) => ({ time, projectId, type: "artifact.quarantined", fields: { content_hash: ref } }));
}
