import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Events that belong to no run. They share the places of those of runs: a place whose `seq` is 0 is of the event of the
 * server whose id is in its `run_id`. They refer to nothing, as they are history: what they tell of may be gone.
 */
export const serverEventsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("server_events")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("time", "bigint", (column) => column.notNull())
      .addColumn("type", "text", (column) => column.notNull())
      .addColumn("project_id", "text")
      .addColumn("pipeline_id", "text")
      .addColumn("run_id", "text")
      .addColumn("job_id", "text")
      .addColumn("fields", "text", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("unplaced_server_events")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("time", "bigint", (column) => column.notNull())
      .execute();
    // Whose artifacts a content is of, for what is told of the content.
    await db.schema.createIndex("artifacts_by_ref").on("artifacts").column("ref").execute();
  },
};
