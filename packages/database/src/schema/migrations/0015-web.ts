import { sql, type Kysely, type RawBuilder } from "kysely";
import type { Migration } from "kysely/migration";

/** What the web UI asks for: the commits and refs that runs are of, one row each, to be found by their names. */
export const webMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("run_names")
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("project_id", "text", (column) => column.notNull().references("projects.id").onDelete("cascade"))
      // Of the newest run.
      .addColumn("run_number", "integer", (column) => column.notNull())
      .addColumn("run_id", "text", (column) => column.notNull().references("pipeline_runs.id").onDelete("cascade"))
      .addColumn("pipeline_id", "text", (column) => column.notNull())
      .addColumn("seen_at", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("run_names_by_name", ["kind", "name", "project_id"])
      .execute();
    const ref = sql.ref("pipeline_runs.git_ref");
    const isBranch = sql`${ref} like 'refs/heads/%'`;
    const isTag = sql`${ref} like 'refs/tags/%'`;
    await fill(
      db,
      sql`'commit'`,
      sql.ref("pipeline_runs.git_sha"),
      sql`${sql.ref("pipeline_runs.git_sha")} is not null`,
    );
    await fill(db, sql`'branch'`, sql`substr(${ref}, 12)`, isBranch);
    await fill(db, sql`'tag'`, sql`substr(${ref}, 11)`, isTag);
    await fill(db, sql`'ref'`, ref, sql`${ref} is not null and not ${isBranch} and not ${isTag}`);
    // All that a look through the newest names reads, so that it reads no row.
    const columns = ["kind", "run_number", "name", "project_id"];
    await db.schema.createIndex("run_names_by_age").on("run_names").columns(columns).execute();
    await db.schema.createIndex("run_names_of_run").on("run_names").column("run_id").execute();
  },
};

/** Names of the runs there are. */
async function fill(
  db: Kysely<unknown>,
  kind: RawBuilder<unknown>,
  name: RawBuilder<unknown>,
  which: RawBuilder<unknown>,
): Promise<void> {
  await sql`
    insert into run_names (kind, name, project_id, run_number, run_id, pipeline_id, seen_at)
    select ${kind}, name, project_id, number, id, pipeline_id, created_at from (
      select ${name} as name, pipelines.project_id, pipeline_runs.number, pipeline_runs.id, pipeline_runs.pipeline_id,
        pipeline_runs.created_at,
        row_number() over (partition by ${name}, pipelines.project_id order by pipeline_runs.number desc) as place
      from pipeline_runs join pipelines on pipelines.id = pipeline_runs.pipeline_id
      where ${which}
    ) as named where place = 1`.execute(db);
}
