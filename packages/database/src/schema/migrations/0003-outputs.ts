import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What jobs hand on to those that depend on them. */
export const outputsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .alterTable("jobs")
      .addColumn("outputs", "text", (column) => column.notNull().defaultTo("{}"))
      .execute();
  },
};
