import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What the API needs: one order for the events of all runs, answers to repeated requests, indexes behind filters. */
export const apiMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable("events").addColumn("position", "bigint").execute();
    // Nobody followed these; they are behind whoever begins to.
    await sql`update events set position = 0`.execute(db);
    await sql`create unique index events_by_position on events (position) where position > 0`.execute(db);
    // Only what waits for its position is in it, so it stays small however many events there are.
    await sql`create index events_without_position on events (time, run_id, seq) where position is null`.execute(db);

    await db.schema
      .createTable("idempotency_keys")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("digest", "text", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addColumn("status", "integer")
      .addColumn("headers", "text")
      .addColumn("body", "text")
      .execute();
    await db.schema.createIndex("idempotency_keys_by_age").on("idempotency_keys").column("created_at").execute();

    await db.schema
      .createTable("execution_reports")
      .addColumn("execution_id", "text", (column) =>
        column.primaryKey().notNull().references("executions.id").onDelete("cascade"),
      )
      .addColumn("status", "text", (column) => column.notNull())
      .addColumn("exit_code", "integer")
      .addColumn("logs_ref", "text")
      .addColumn("message", "text")
      .addColumn("reported_at", "bigint", (column) => column.notNull())
      .execute();

    const indexes = {
      pipeline_runs_by_ref: ["git_ref", "number"],
      pipeline_runs_by_trigger: ["trigger", "number"],
      pipeline_runs_by_age: ["created_at", "number"],
    };
    for (const [name, columns] of Object.entries(indexes)) {
      await db.schema.createIndex(name).on("pipeline_runs").columns(columns).execute();
    }
  },
};
