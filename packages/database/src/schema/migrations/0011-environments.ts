import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What a project's jobs work on and what it asks of them; who may approve; and one approval of each job of a run. */
export const environmentsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("environments")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("project_id", "text", (column) => column.notNull())
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("description", "text", (column) => column.notNull())
      .addColumn("branches", "text", (column) => column.notNull())
      .addColumn("required_approvals", "integer", (column) => column.notNull())
      .addColumn("approver_ids", "text", (column) => column.notNull())
      .addColumn("prevent_self_approval", "integer", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addColumn("updated_at", "bigint", (column) => column.notNull())
      .addColumn("updated_by", "text", (column) => column.notNull())
      .addUniqueConstraint("environments_of_project", ["project_id", "name"])
      .execute();
    await db.schema
      .alterTable("approvals")
      .addColumn("approver_ids", "text", (column) => column.notNull().defaultTo("[]"))
      .execute();
    // Two servers may believe for a moment that each drives the run: one of them asks.
    await sql`create unique index approvals_of_job on approvals (run_id, subject) where kind = 'job'`.execute(db);
  },
};
