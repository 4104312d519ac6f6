import type { ScheduleTicks, Tick, TickOutcome } from "@waybill/projects";
import type { TriggerSession } from "./session.ts";

/** Besides the outcomes of ticks: where a schedule began, which is no tick, and a tick that somebody is at. */
const BEGIN = "begin";
const CLAIMED = "claimed";

/** Ticks of schedules on SQL. The primary key is what keeps two servers from one tick. */
export class SqlScheduleTicks implements ScheduleTicks {
  readonly #session: TriggerSession;

  constructor(session: TriggerSession) {
    this.#session = session;
  }

  async lastDueAt(scheduleId: string, now: number): Promise<number> {
    const known = await this.#last(scheduleId);
    if (known !== null) return known;
    await this.#session.run((db) =>
      db
        .insertInto("schedule_ticks")
        .values({ schedule_id: scheduleId, due_at: now, outcome: BEGIN, run_id: null })
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
    // Another server may have been first, with another idea of now.
    return (await this.#last(scheduleId)) ?? now;
  }

  async #last(scheduleId: string): Promise<number | null> {
    const row = await this.#session.run((db) =>
      db
        .selectFrom("schedule_ticks")
        .select("due_at")
        .where("schedule_id", "=", scheduleId)
        .orderBy("due_at", "desc")
        .limit(1)
        .executeTakeFirst(),
    );
    return row?.due_at ?? null;
  }

  async claim({ scheduleId, dueAt }: Tick, now: number, leaseUntil: number): Promise<boolean> {
    return await this.#session.transaction(async (trx) => {
      const { numInsertedOrUpdatedRows } = await trx
        .insertInto("schedule_ticks")
        .values({
          schedule_id: scheduleId,
          due_at: dueAt,
          outcome: CLAIMED,
          run_id: null,
          claimed_until: leaseUntil,
        })
        .onConflict((conflict) => conflict.columns(["schedule_id", "due_at"]).doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows === 1n) return true;
      const { numUpdatedRows } = await trx
        .updateTable("schedule_ticks")
        .set({ claimed_until: leaseUntil })
        .where("schedule_id", "=", scheduleId)
        .where("due_at", "=", dueAt)
        .where("outcome", "=", CLAIMED)
        .where("claimed_until", "<=", now)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    });
  }

  async abandoned(now: number): Promise<readonly Tick[]> {
    const rows = await this.#session.run((db) =>
      db
        .selectFrom("schedule_ticks")
        .select(["schedule_id", "due_at"])
        .where("outcome", "=", CLAIMED)
        .where("claimed_until", "<=", now)
        .orderBy("due_at")
        .orderBy("schedule_id")
        .execute(),
    );
    return rows.map(({ schedule_id: scheduleId, due_at: dueAt }) => ({ scheduleId, dueAt }));
  }

  async settle({ scheduleId, dueAt }: Tick, outcome: TickOutcome, runId: string | null): Promise<void> {
    await this.#session.run((db) =>
      db
        .updateTable("schedule_ticks")
        .set({ outcome, run_id: runId, claimed_until: 0 })
        .where("schedule_id", "=", scheduleId)
        .where("due_at", "=", dueAt)
        .where("outcome", "=", CLAIMED)
        .execute(),
    );
  }

  async forget(before: number): Promise<void> {
    await this.#session.run((db) =>
      db
        .deleteFrom("schedule_ticks")
        .where("due_at", "<", before)
        .where((eb) =>
          eb.exists(
            eb
              .selectFrom("schedule_ticks as later")
              .select("later.due_at")
              .whereRef("later.schedule_id", "=", "schedule_ticks.schedule_id")
              .whereRef("later.due_at", ">", "schedule_ticks.due_at"),
          ),
        )
        .execute(),
    );
  }
}
