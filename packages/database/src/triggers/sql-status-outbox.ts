import type { Ids } from "@waybill/core";
import type { OutboxEntry, ReportVersion, StatusOutbox, StatusReport } from "@waybill/projects";
import type { ReportJson, TriggerRowReader } from "./rows.ts";
import type { TriggerSession } from "./session.ts";

const CANDIDATES = 20;

const COLUMNS = [
  "id",
  "forge",
  "repository",
  "sha",
  "context",
  "run_number",
  "run_seq",
  "report",
  "attempts",
  "remote_id",
  "updated_at",
] as const;

/** What forges are to be told, on SQL: one row for a commit and context. */
export class SqlStatusOutbox implements StatusOutbox {
  readonly #session: TriggerSession;
  readonly #rows: TriggerRowReader;
  readonly #ids: Ids;

  constructor(session: TriggerSession, rows: TriggerRowReader, ids: Ids) {
    this.#session = session;
    this.#rows = rows;
    this.#ids = ids;
  }

  async put(report: StatusReport, { runNumber, seq }: ReportVersion, now: number): Promise<boolean> {
    const { forge, repository, sha, context } = report;
    const row = {
      run_number: runNumber,
      run_seq: seq,
      report: JSON.stringify(reportToJson(report)),
      is_pending: 1,
      attempts: 0,
      next_attempt_at: now,
      problem: null,
      updated_at: now,
    };
    // A claim stays: who tells the state before has to be done first. So does what the forge calls it.
    const { numInsertedOrUpdatedRows } = await this.#session.run((db) =>
      db
        .insertInto("status_reports")
        .values({ id: this.#ids.next(), forge, repository, sha, context, remote_id: null, ...row })
        .onConflict((conflict) =>
          conflict
            .columns(["forge", "repository", "sha", "context"])
            .doUpdateSet(row)
            .where((eb) =>
              eb.or([
                eb("status_reports.run_number", "<", eb.ref("excluded.run_number")),
                eb.and([
                  eb("status_reports.run_number", "=", eb.ref("excluded.run_number")),
                  eb("status_reports.run_seq", "<", eb.ref("excluded.run_seq")),
                ]),
              ]),
            ),
        )
        .executeTakeFirst(),
    );
    return numInsertedOrUpdatedRows === 1n;
  }

  async take(now: number, leaseUntil: number): Promise<OutboxEntry | null> {
    const candidates = await this.#session.run((db) =>
      db
        .selectFrom("status_reports")
        .select(["id", "claimed_until"])
        .where("is_pending", "=", 1)
        .where("next_attempt_at", "<=", now)
        .where("claimed_until", "<=", now)
        .orderBy("next_attempt_at")
        .orderBy("id")
        .limit(CANDIDATES)
        .execute(),
    );
    for (const { id, claimed_until: seen } of candidates) {
      const row = await this.#session.run((db) =>
        db
          .updateTable("status_reports")
          .set({ claimed_until: leaseUntil })
          .where("id", "=", id)
          .where("is_pending", "=", 1)
          .where("claimed_until", "=", seen)
          .returning(COLUMNS)
          .executeTakeFirst(),
      );
      if (row !== undefined) return this.#rows.report(row);
    }
    return null;
  }

  async told(entry: OutboxEntry, remoteId: string | null): Promise<void> {
    await this.#settle(entry, remoteId, null);
  }

  async giveUp(entry: OutboxEntry, problem: string): Promise<void> {
    await this.#settle(entry, entry.remoteId, problem);
  }

  /** Two statements, so that what was put while the forge was told stays pending. */
  async #settle({ id, version }: OutboxEntry, remoteId: string | null, problem: string | null): Promise<void> {
    await this.#session.transaction(async (trx) => {
      await trx
        .updateTable("status_reports")
        .set({ claimed_until: 0, remote_id: remoteId })
        .where("id", "=", id)
        .execute();
      await trx
        .updateTable("status_reports")
        .set({ is_pending: 0, problem })
        .where("id", "=", id)
        .where("run_number", "=", version.runNumber)
        .where("run_seq", "=", version.seq)
        .execute();
    });
  }

  async retry({ id, attempts }: OutboxEntry, nextAttemptAt: number, problem: string): Promise<void> {
    await this.#session.run((db) =>
      db
        .updateTable("status_reports")
        .set({ claimed_until: 0, attempts: attempts + 1, next_attempt_at: nextAttemptAt, problem })
        .where("id", "=", id)
        .execute(),
    );
  }

  async nextAttemptAt(): Promise<number | null> {
    const row = await this.#session.run((db) =>
      db
        .selectFrom("status_reports")
        .select("next_attempt_at")
        .where("is_pending", "=", 1)
        .orderBy("next_attempt_at")
        .limit(1)
        .executeTakeFirst(),
    );
    return row?.next_attempt_at ?? null;
  }

  async forget(before: number): Promise<void> {
    await this.#session.run((db) =>
      db.deleteFrom("status_reports").where("is_pending", "=", 0).where("updated_at", "<", before).execute(),
    );
  }
}

function reportToJson({ state, description, url, ref, startedAt, finishedAt }: StatusReport): ReportJson {
  return { state, description, url, ref, started_at: startedAt, finished_at: finishedAt };
}
