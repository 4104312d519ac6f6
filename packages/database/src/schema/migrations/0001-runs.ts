import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Runs with their jobs, steps, executions, artifacts and events. */
export const runsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("pipeline_runs")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("number", "integer", (column) => column.notNull().unique())
      .addColumn("pipeline_name", "text", (column) => column.notNull())
      .addColumn("config_path", "text", (column) => column.notNull())
      .addColumn("trigger", "text", (column) => column.notNull())
      .addColumn("status", "text", (column) => column.notNull().defaultTo("pending"))
      .addColumn("reason", "text")
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addColumn("started_at", "bigint")
      .addColumn("finished_at", "bigint")
      .addColumn("config_snapshot", "text", (column) => column.notNull())
      .execute();

    await db.schema
      .createTable("jobs")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("pipeline_run_id", "text", (column) =>
        column.notNull().references("pipeline_runs.id").onDelete("cascade"),
      )
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("position", "integer", (column) => column.notNull())
      .addColumn("status", "text", (column) => column.notNull().defaultTo("pending"))
      .addColumn("reason", "text")
      .addColumn("message", "text", (column) => column.notNull().defaultTo(""))
      .addColumn("attempts", "integer", (column) => column.notNull().defaultTo(0))
      .addColumn("started_at", "bigint")
      .addColumn("finished_at", "bigint")
      .addUniqueConstraint("jobs_of_run", ["pipeline_run_id", "position"])
      .execute();

    await db.schema
      .createTable("job_steps")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("job_id", "text", (column) => column.notNull().references("jobs.id").onDelete("cascade"))
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("position", "integer", (column) => column.notNull())
      .addColumn("status", "text", (column) => column.notNull().defaultTo("pending"))
      .addColumn("exit_code", "integer")
      .addColumn("started_at", "bigint")
      .addColumn("finished_at", "bigint")
      .addUniqueConstraint("steps_of_job", ["job_id", "position"])
      .execute();

    await db.schema
      .createTable("executions")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("job_id", "text", (column) => column.notNull().references("jobs.id").onDelete("cascade"))
      .addColumn("attempt", "integer", (column) => column.notNull())
      .addColumn("executor", "text", (column) => column.notNull())
      .addUniqueConstraint("executions_of_job", ["job_id", "attempt"])
      .execute();

    // One artifact of a name in a job: a save that is repeated after a crash replaces the record as it does the files.
    await db.schema
      .createTable("artifacts")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("job_id", "text", (column) => column.notNull().references("jobs.id").onDelete("cascade"))
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("ref", "text", (column) => column.notNull())
      .addColumn("size_bytes", "bigint", (column) => column.notNull())
      .addColumn("file_count", "integer", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addUniqueConstraint("artifacts_of_job", ["job_id", "name"])
      .execute();

    await db.schema
      .createTable("events")
      .addColumn("run_id", "text", (column) => column.notNull().references("pipeline_runs.id").onDelete("cascade"))
      .addColumn("seq", "integer", (column) => column.notNull())
      .addColumn("time", "bigint", (column) => column.notNull())
      .addColumn("payload", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("events_of_run", ["run_id", "seq"])
      .execute();
  },
};
