import {
  admit,
  nextToStart,
  type Admission,
  type ConcurrencyGroups,
  type GroupEntry,
  type GroupMember,
} from "@waybill/projects";
import type { Transaction } from "kysely";
import type { Tables } from "../schema/tables.ts";
import type { TriggerRowReader } from "./rows.ts";
import type { TriggerSession } from "./session.ts";

/** Concurrency groups on SQL. Whatever changes a group holds the lock of its name. */
export class SqlConcurrencyGroups implements ConcurrencyGroups {
  readonly #session: TriggerSession;
  readonly #rows: TriggerRowReader;

  constructor(session: TriggerSession, rows: TriggerRowReader) {
    this.#session = session;
    this.#rows = rows;
  }

  async enter({ group, runId, cancelInProgress, now }: GroupEntry): Promise<Admission> {
    return await this.#session.transaction(async (trx) => {
      await this.#lock(trx, group);
      const all = await this.#members(trx, group);
      const at = all.findIndex((member) => member.runId === runId);
      if (at !== -1) return answerAgain(all, at);
      const admission = admit(all, cancelInProgress);
      if (admission.kind === "supersede") {
        await trx
          .updateTable("concurrency_entries")
          .set({ is_superseded: 1 })
          .where("run_id", "in", admission.runs)
          .execute();
      }
      const members = all.map((member) => ({
        ...member,
        isSuperseded: member.isSuperseded || isNamed(admission, member),
      }));
      const { highest } = await trx
        .selectFrom("concurrency_entries")
        .select((eb) => eb.fn.coalesce(eb.fn.max("position"), eb.lit(0)).as("highest"))
        .where("group_name", "=", group)
        .executeTakeFirstOrThrow();
      // Where only runs were superseded that never began, nothing is left to wait for.
      const mine = { runId, isAdmitted: false, isSuperseded: false };
      const isFirst = nextToStart([...members, mine]) === runId;
      await trx
        .insertInto("concurrency_entries")
        .values({
          run_id: runId,
          group_name: group,
          position: highest + 1,
          is_admitted: isFirst ? 1 : 0,
          entered_at: now,
        })
        .execute();
      return admission;
    });
  }

  async isAdmitted(runId: string): Promise<boolean> {
    const row = await this.#session.run((db) =>
      db.selectFrom("concurrency_entries").select("is_admitted").where("run_id", "=", runId).executeTakeFirst(),
    );
    return row === undefined || row.is_admitted !== 0;
  }

  async leave(runId: string): Promise<readonly string[]> {
    const row = await this.#session.run((db) =>
      db.selectFrom("concurrency_entries").select("group_name").where("run_id", "=", runId).executeTakeFirst(),
    );
    if (row === undefined) return [];
    return await this.#session.transaction(async (trx) => {
      await this.#lock(trx, row.group_name);
      await trx.deleteFrom("concurrency_entries").where("run_id", "=", runId).execute();
      return await this.#startNext(trx, row.group_name);
    });
  }

  async superseded(): Promise<readonly string[]> {
    const rows = await this.#session.run((db) =>
      db
        .selectFrom("concurrency_entries")
        .innerJoin("pipeline_runs", "pipeline_runs.id", "concurrency_entries.run_id")
        .select("concurrency_entries.run_id")
        .where("concurrency_entries.is_superseded", "=", 1)
        .where("pipeline_runs.finished_at", "is", null)
        .orderBy("concurrency_entries.group_name")
        .orderBy("concurrency_entries.position")
        .execute(),
    );
    return rows.map((row) => row.run_id);
  }

  async sweep(): Promise<readonly string[]> {
    const ended = await this.#session.run((db) =>
      db
        .selectFrom("concurrency_entries")
        .innerJoin("pipeline_runs", "pipeline_runs.id", "concurrency_entries.run_id")
        .select("concurrency_entries.run_id")
        .where("pipeline_runs.finished_at", "is not", null)
        .orderBy("concurrency_entries.position")
        .execute(),
    );
    const started: string[] = [];
    for (const { run_id: runId } of ended) started.push(...(await this.leave(runId)));
    return started;
  }

  async #startNext(trx: Transaction<Tables>, group: string): Promise<readonly string[]> {
    const next = nextToStart(await this.#members(trx, group));
    if (next === null) return [];
    await trx.updateTable("concurrency_entries").set({ is_admitted: 1 }).where("run_id", "=", next).execute();
    return [next];
  }

  #lock(trx: Transaction<Tables>, group: string): Promise<void> {
    return this.#session.database.lockFor(trx, `concurrency group ${group}`);
  }

  async #members(trx: Transaction<Tables>, group: string): Promise<readonly GroupMember[]> {
    const rows = await trx
      .selectFrom("concurrency_entries")
      .select(["run_id", "is_admitted", "is_superseded"])
      .where("group_name", "=", group)
      .orderBy("position")
      .execute();
    return rows.map((row) => this.#rows.member(row));
  }
}

function isNamed(admission: Admission, { runId }: GroupMember): boolean {
  return admission.kind === "supersede" && admission.runs.includes(runId);
}

/** Who asks twice died in between: it is told of runs that still have to be ended. */
function answerAgain(members: readonly GroupMember[], at: number): Admission {
  const before = members.slice(0, at);
  const superseded = before.filter(({ isSuperseded }) => isSuperseded).map(({ runId }) => runId);
  if (superseded.length > 0) return { kind: "supersede", runs: superseded };
  if (members[at]?.isAdmitted === true) return { kind: "start" };
  return { kind: "queue", behind: before.map(({ runId }) => runId) };
}
