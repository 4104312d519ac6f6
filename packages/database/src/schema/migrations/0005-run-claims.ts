import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Which runs are driven, for databases that several servers share. No reference to the run: it is claimed before it is
 * stored.
 */
export const runClaimsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("run_claims")
      .addColumn("run_id", "text", (column) => column.primaryKey().notNull())
      .addColumn("token", "text", (column) => column.notNull())
      .execute();
  },
};
