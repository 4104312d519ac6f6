import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Slips of commits, and what happened to them: rows that are added and never changed but for what follows from them. */
export const slipsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("routing_slips")
      .addColumn("slip_id", "text", (column) => column.primaryKey().notNull())
      .addColumn("correlation_id", "text", (column) => column.notNull().unique())
      .addColumn("repository", "text", (column) => column.notNull())
      .addColumn("repository_key", "text", (column) => column.notNull())
      .addColumn("source_repository", "text", (column) => column.notNull())
      .addColumn("source_key", "text", (column) => column.notNull())
      .addColumn("branch", "text", (column) => column.notNull())
      .addColumn("commit_sha", "text", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addColumn("updated_at", "bigint", (column) => column.notNull())
      .addColumn("status", "text", (column) => column.notNull())
      .addColumn("promoted_to", "text", (column) => column.notNull().defaultTo(""))
      .addColumn("components", "text", (column) => column.notNull())
      .addColumn("ancestry", "text", (column) => column.notNull())
      .addColumn("version", "integer", (column) => column.notNull().defaultTo(0))
      .addUniqueConstraint("slip_of_commit", ["repository_key", "commit_sha", "source_key"])
      .execute();
    const indexes = {
      routing_slips_by_age: ["created_at", "slip_id"],
      routing_slips_of_repository: ["repository_key", "created_at", "slip_id"],
      routing_slips_by_status: ["status", "created_at", "slip_id"],
    };
    for (const [name, columns] of Object.entries(indexes)) {
      await db.schema.createIndex(name).on("routing_slips").columns(columns).execute();
    }

    await db.schema
      .createTable("routing_slip_events")
      .addColumn("slip_id", "text", (column) =>
        column.notNull().references("routing_slips.slip_id").onDelete("cascade"),
      )
      .addColumn("seq", "integer", (column) => column.notNull())
      .addColumn("event_id", "text", (column) => column.notNull())
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("time", "bigint", (column) => column.notNull())
      .addColumn("step", "text", (column) => column.notNull())
      .addColumn("component", "text", (column) => column.notNull())
      .addColumn("status", "text", (column) => column.notNull())
      .addColumn("actor", "text", (column) => column.notNull())
      .addColumn("message", "text", (column) => column.notNull())
      .addColumn("promoted_to", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("events_of_slip", ["slip_id", "seq"])
      .addUniqueConstraint("event_of_slip", ["slip_id", "event_id"])
      .execute();
  },
};
