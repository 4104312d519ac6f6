import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What a server knows of code, and where its runs come from. */
export const projectsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("projects")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("name", "text", (column) => column.notNull().unique())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addColumn("updated_at", "bigint", (column) => column.notNull())
      .execute();

    await db.schema
      .createTable("repositories")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("project_id", "text", (column) => column.notNull().references("projects.id").onDelete("cascade"))
      .addColumn("url", "text", (column) => column.notNull())
      .addColumn("default_branch", "text", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addUniqueConstraint("repositories_of_project", ["project_id", "url"])
      .execute();
    await db.schema.createIndex("repositories_by_url").on("repositories").column("url").execute();

    await db.schema
      .createTable("pipelines")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("project_id", "text", (column) => column.notNull().references("projects.id").onDelete("cascade"))
      .addColumn("repository_id", "text", (column) =>
        column.notNull().references("repositories.id").onDelete("cascade"),
      )
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("config_path", "text", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addUniqueConstraint("pipelines_of_project", ["project_id", "name"])
      .execute();
    await db.schema.createIndex("pipelines_by_repository").on("pipelines").column("repository_id").execute();

    // No deletion of a pipeline takes its runs along: they are history.
    await db.schema
      .alterTable("pipeline_runs")
      .addColumn("pipeline_id", "text", (column) => column.references("pipelines.id"))
      .execute();
    for (const column of ["git_ref", "git_sha", "trigger_event", "inputs", "concurrency_group", "rerun_of"]) {
      await db.schema.alterTable("pipeline_runs").addColumn(column, "text").execute();
    }
    // Behind the number: pages are read in its order.
    const indexes = {
      pipeline_runs_by_pipeline: ["pipeline_id", "number"],
      pipeline_runs_by_pipeline_and_status: ["pipeline_id", "status", "number"],
      pipeline_runs_by_status: ["status", "number"],
    };
    for (const [name, columns] of Object.entries(indexes)) {
      await db.schema.createIndex(name).on("pipeline_runs").columns(columns).execute();
    }
  },
};
