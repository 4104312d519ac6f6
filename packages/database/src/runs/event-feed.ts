import type { FeedEvent } from "@waybill/engine";
import { sql, type Kysely, type Transaction } from "kysely";
import type { Tables } from "../schema/tables.ts";
import { EVENT_COLUMNS, type RowReader } from "./rows.ts";

/**
 * One order for the events of all runs.
 *
 * On PostgreSQL transactions end in another order than they begin in, so a number that each takes for itself could be
 * below one that a follower has seen already. Events get theirs when they can be seen, by whichever server places them
 * first; the caller's transaction holds the lock under which that is done.
 *
 * @returns how many were given one
 */
export async function placeEvents(trx: Transaction<Tables>, limit: number): Promise<number> {
  const waiting = await trx
    .selectFrom("events")
    .select(["run_id", "seq"])
    .where("position", "is", null)
    .orderBy("time")
    .orderBy("run_id")
    .orderBy("seq")
    .limit(limit)
    .execute();
  let position = waiting.length === 0 ? 0 : await endOfFeed(trx);
  for (const { run_id: runId, seq } of waiting) {
    position += 1;
    await trx.updateTable("events").set({ position }).where("run_id", "=", runId).where("seq", "=", seq).execute();
  }
  return waiting.length;
}

export async function hasUnplacedEvents(db: Kysely<Tables>): Promise<boolean> {
  const row = await db.selectFrom("events").select("seq").where("position", "is", null).limit(1).executeTakeFirst();
  return row !== undefined;
}

export async function endOfFeed(db: Kysely<Tables>): Promise<number> {
  const { last } = await db
    .selectFrom("events")
    .select(sql<number>`coalesce(max(position), 0)`.as("last"))
    .where(sql<boolean>`position > 0`)
    .executeTakeFirstOrThrow();
  return last;
}

export async function readFeed(
  db: Kysely<Tables>,
  rows: RowReader,
  after: number,
  limit: number,
): Promise<readonly FeedEvent[]> {
  const found = await db
    .selectFrom("events")
    .innerJoin("pipeline_runs", "pipeline_runs.id", "events.run_id")
    .leftJoin("pipelines", "pipelines.id", "pipeline_runs.pipeline_id")
    .select(EVENT_COLUMNS.map((column) => `events.${column}` as const))
    .select(["events.position", "events.run_id", "pipelines.project_id", "pipeline_runs.pipeline_id"])
    // Said in so many words: the index has only these.
    .where(sql<boolean>`events.position > 0`)
    .where("events.position", ">", after)
    .orderBy("events.position")
    .limit(limit)
    .execute();
  return found.map(({ position, run_id, project_id, pipeline_id, ...event }) => ({
    ...rows.event(event),
    position: Number(position),
    runId: run_id,
    projectId: project_id,
    pipelineId: pipeline_id,
  }));
}
