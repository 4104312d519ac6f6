import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What jobs hand on to those that depend on them, and the wish to end a run that another process drives. */
export const outputsAndCancellationMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .alterTable("jobs")
      .addColumn("outputs", "text", (column) => column.notNull().defaultTo("{}"))
      .execute();
    await db.schema.alterTable("pipeline_runs").addColumn("cancel_requested_at", "bigint").execute();
  },
};
