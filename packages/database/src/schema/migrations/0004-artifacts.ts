import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Who keeps an artifact beyond its run, and what happened to artifacts. */
export const artifactsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("artifact_pins")
      .addColumn("ref", "text", (column) => column.notNull())
      .addColumn("owner", "text", (column) => column.notNull())
      .addColumn("reason", "text", (column) => column.notNull().defaultTo(""))
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("pins_of_artifact", ["ref", "owner"])
      .execute();

    // Only ever inserted into. It outlives the runs it tells of, so it refers to none of them.
    await db.schema
      .createTable("artifact_audit")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("time", "bigint", (column) => column.notNull())
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("content_hash", "text")
      .addColumn("job_id", "text")
      .addColumn("delta", "integer")
      .addColumn("details", "text", (column) => column.notNull().defaultTo("{}"))
      .execute();
    await db.schema.createIndex("artifact_audit_by_time").on("artifact_audit").columns(["time", "id"]).execute();
  },
};
