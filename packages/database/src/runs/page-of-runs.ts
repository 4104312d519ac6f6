import type { RunQuery, RunRecord } from "@waybill/engine";
import { sql, type Kysely, type RawBuilder, type SelectQueryBuilder } from "kysely";
import type { Tables } from "../schema/tables.ts";
import { RUN_COLUMNS, type RowReader } from "./rows.ts";

type Runs<Columns> = SelectQueryBuilder<Tables, "pipeline_runs", Columns>;

/** Up to so many pipelines, the newest runs of each are read; beyond, runs are looked at until enough are of them. */
const PIPELINES_APART = 32;

/**
 * Runs get their numbers a moment behind their times, so the two orders differ by the runs that are created at once.
 * Bounds of time become bounds of the number, which pages are in the order of, and this is left between them.
 */
const SLACK = 1_000;

/** Each filter has an index that ends with the number, so a page costs its own length however many runs there are. */
export async function pageOfRuns(db: Kysely<Tables>, rows: RowReader, query: RunQuery): Promise<readonly RunRecord[]> {
  const { projectIds, limit } = query;
  const runs = db.selectFrom("pipeline_runs");
  const select = runs.select(RUN_COLUMNS).orderBy("number", "desc").limit(limit);
  if (projectIds === undefined || query.pipelineId !== undefined) {
    const within = projectIds === undefined ? select : select.where(isOfProjects(projectIds));
    return (await filtered(within, query).execute()).map((row) => rows.run(row));
  }
  if (projectIds.length === 0) return [];
  const pipelines = await db
    .selectFrom("pipelines")
    .select("id")
    .where("project_id", "in", projectIds)
    .limit(PIPELINES_APART + 1)
    .execute();
  if (pipelines.length === 0) return [];
  if (pipelines.length > PIPELINES_APART) {
    const found = await filtered(select.where(isOfProjects(projectIds)), query).execute();
    return found.map((row) => rows.run(row));
  }
  const newest = pipelines.map(({ id }) => {
    const page = runs.select("number").where("pipeline_id", "=", id).orderBy("number", "desc").limit(limit);
    return sql`select number from (${filtered(page, query)}) as newest`;
  });
  const numbers = sql<number>`(${sql.join(newest, sql` union all `)})`;
  return (await select.where("number", "in", numbers).execute()).map((row) => rows.run(row));
}

function isOfProjects(projectIds: readonly string[]): RawBuilder<boolean> {
  const ids = sql.join(projectIds);
  return sql<boolean>`exists (select 1 from pipelines where pipelines.id = pipeline_runs.pipeline_id and pipelines.project_id in (${ids}))`;
}

function filtered<Columns>(select: Runs<Columns>, query: RunQuery): Runs<Columns> {
  let runs = select;
  if (query.pipelineId !== undefined) runs = runs.where("pipeline_id", "=", query.pipelineId);
  if (query.number !== undefined) runs = runs.where("number", "=", query.number);
  if (query.status !== undefined) runs = runs.where("status", "=", query.status);
  if (query.gitRef !== undefined) runs = runs.where("git_ref", "=", query.gitRef);
  if (query.trigger !== undefined) runs = runs.where("trigger", "=", query.trigger);
  if (query.before !== undefined) runs = runs.where("number", "<", query.before);
  if (query.since !== undefined) {
    const first = sql<number>`(select number - ${sql.lit(SLACK)} from pipeline_runs as bound where bound.created_at >= ${query.since} order by bound.created_at, bound.number limit 1)`;
    runs = runs.where("created_at", ">=", query.since).where("number", ">=", first);
  }
  if (query.until !== undefined) {
    const last = sql<number>`(select number + ${sql.lit(SLACK)} from pipeline_runs as bound where bound.created_at < ${query.until} order by bound.created_at desc, bound.number desc limit 1)`;
    runs = runs.where("created_at", "<", query.until).where("number", "<=", last);
  }
  return runs;
}
