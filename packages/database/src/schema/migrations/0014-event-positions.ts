import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * The place of an event among those of all runs, in a table that is only ever inserted into: rows of events are never
 * updated. Nothing refers to the event: a place stays taken when its run is removed, so that no number is given twice.
 * What waits for its place is in a table of its own, which stays small however many events there are.
 */
export const eventPositionsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("event_positions")
      .addColumn("position", "bigint", (column) => column.primaryKey().notNull())
      .addColumn("run_id", "text", (column) => column.notNull())
      .addColumn("seq", "integer", (column) => column.notNull())
      .addUniqueConstraint("positions_of_event", ["run_id", "seq"])
      .execute();
    await db.schema
      .createTable("unplaced_events")
      .addColumn("run_id", "text", (column) => column.notNull())
      .addColumn("first_seq", "integer", (column) => column.notNull())
      .addColumn("last_seq", "integer", (column) => column.notNull())
      .addColumn("time", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("unplaced_event", ["run_id", "first_seq"])
      .addForeignKeyConstraint("unplaced_of_run", ["run_id"], "pipeline_runs", ["id"], (constraint) =>
        constraint.onDelete("cascade"),
      )
      .execute();
    await sql`
      insert into event_positions (position, run_id, seq)
      select position, run_id, seq from events where position > 0`.execute(db);
    await sql`
      insert into unplaced_events (run_id, first_seq, last_seq, time)
      select run_id, seq, seq, time from events where position is null`.execute(db);
    await db.schema.dropIndex("events_by_position").execute();
    await db.schema.dropIndex("events_without_position").execute();
    await db.schema.alterTable("events").dropColumn("position").execute();
  },
};
