import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Webhooks that came in, schedules that were due, runs that wait for each other, and what forges are to be told. */
export const triggersMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("webhook_deliveries")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("source", "text", (column) => column.notNull())
      .addColumn("delivery_id", "text", (column) => column.notNull())
      .addColumn("secret_id", "text", (column) => column.notNull())
      .addColumn("received_at", "bigint", (column) => column.notNull())
      .addColumn("outcome", "text", (column) => column.notNull().defaultTo("received"))
      .addColumn("detail", "text", (column) => column.notNull().defaultTo(""))
      .addColumn("settled_at", "bigint")
      .addColumn("attempts", "integer", (column) => column.notNull().defaultTo(0))
      .addColumn("claimed_until", "bigint", (column) => column.notNull().defaultTo(0))
      .addColumn("headers", "text", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .addUniqueConstraint("deliveries_of_source", ["source", "delivery_id"])
      .execute();
    await db.schema
      .createIndex("webhook_deliveries_by_outcome")
      .on("webhook_deliveries")
      .columns(["outcome", "received_at"])
      .execute();

    await db.schema
      .createTable("schedule_ticks")
      .addColumn("schedule_id", "text", (column) => column.notNull())
      .addColumn("due_at", "bigint", (column) => column.notNull())
      .addColumn("outcome", "text", (column) => column.notNull())
      .addColumn("run_id", "text")
      .addColumn("claimed_until", "bigint", (column) => column.notNull().defaultTo(0))
      .addPrimaryKeyConstraint("ticks_of_schedule", ["schedule_id", "due_at"])
      .execute();
    await db.schema
      .createIndex("schedule_ticks_by_outcome")
      .on("schedule_ticks")
      .columns(["outcome", "claimed_until"])
      .execute();

    await db.schema
      .createTable("concurrency_entries")
      .addColumn("run_id", "text", (column) =>
        column.primaryKey().notNull().references("pipeline_runs.id").onDelete("cascade"),
      )
      .addColumn("group_name", "text", (column) => column.notNull())
      .addColumn("position", "integer", (column) => column.notNull())
      .addColumn("is_admitted", "integer", (column) => column.notNull().defaultTo(0))
      .addColumn("is_superseded", "integer", (column) => column.notNull().defaultTo(0))
      .addColumn("entered_at", "bigint", (column) => column.notNull())
      .addUniqueConstraint("entries_of_group", ["group_name", "position"])
      .execute();

    await db.schema
      .createTable("status_reports")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("forge", "text", (column) => column.notNull())
      .addColumn("repository", "text", (column) => column.notNull())
      .addColumn("sha", "text", (column) => column.notNull())
      .addColumn("context", "text", (column) => column.notNull())
      .addColumn("run_number", "integer", (column) => column.notNull())
      .addColumn("run_seq", "integer", (column) => column.notNull())
      .addColumn("report", "text", (column) => column.notNull())
      .addColumn("is_pending", "integer", (column) => column.notNull())
      .addColumn("attempts", "integer", (column) => column.notNull().defaultTo(0))
      .addColumn("next_attempt_at", "bigint", (column) => column.notNull())
      .addColumn("claimed_until", "bigint", (column) => column.notNull().defaultTo(0))
      .addColumn("remote_id", "text")
      .addColumn("problem", "text")
      .addColumn("updated_at", "bigint", (column) => column.notNull())
      .addUniqueConstraint("reports_of_commit", ["forge", "repository", "sha", "context"])
      .execute();
    await db.schema
      .createIndex("status_reports_by_attempt")
      .on("status_reports")
      .columns(["is_pending", "next_attempt_at"])
      .execute();
  },
};
