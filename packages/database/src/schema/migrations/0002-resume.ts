import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What a run that is taken up again needs to know of its start. */
export const resumeMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .alterTable("pipeline_runs")
      .addColumn("parameter_names", "text", (column) => column.notNull().defaultTo("[]"))
      .execute();
  },
};
