import type { FeedEvent } from "@waybill/engine";
import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../schema/tables.ts";
import { EVENT_COLUMNS, type RowReader } from "./rows.ts";

/** Rows of one statement: three parameters each. */
const ROWS_PER_STATEMENT = 250;

/**
 * One order for the events of all runs.
 *
 * On PostgreSQL transactions end in another order than they begin in, so a number that each takes for itself could be
 * below one that a follower has seen already. Events get theirs when they can be seen, by whichever server places them
 * first; the caller's transaction holds the lock under which that is done. An event's own row stays as it was stored.
 *
 * @param limit of transactions whose events are placed
 * @returns how many events were given one
 */
export async function placeEvents(trx: Transaction<Tables>, limit: number): Promise<number> {
  const waiting = await trx
    .selectFrom("unplaced_events")
    .select(["run_id", "first_seq", "last_seq"])
    .orderBy("time")
    .orderBy("run_id")
    .orderBy("first_seq")
    .limit(limit)
    .execute();
  let position = waiting.length === 0 ? 0 : await endOfFeed(trx);
  const placed = waiting.flatMap(({ run_id, first_seq: first, last_seq: last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => ({ position: (position += 1), run_id, seq: first + index })),
  );
  for (let from = 0; from < placed.length; from += ROWS_PER_STATEMENT) {
    await trx
      .insertInto("event_positions")
      .values(placed.slice(from, from + ROWS_PER_STATEMENT))
      .execute();
  }
  for (let from = 0; from < waiting.length; from += ROWS_PER_STATEMENT) {
    const rows = waiting.slice(from, from + ROWS_PER_STATEMENT).map((row) => [row.run_id, row.first_seq] as const);
    await trx
      .deleteFrom("unplaced_events")
      .where((of) =>
        of(
          of.refTuple("run_id", "first_seq"),
          "in",
          rows.map(([runId, first]) => of.tuple(runId, first)),
        ),
      )
      .execute();
  }
  return placed.length;
}

export async function hasUnplacedEvents(db: Kysely<Tables>): Promise<boolean> {
  return (await db.selectFrom("unplaced_events").select("run_id").limit(1).executeTakeFirst()) !== undefined;
}

export async function endOfFeed(db: Kysely<Tables>): Promise<number> {
  const { last } = await db
    .selectFrom("event_positions")
    .select((of) => of.fn.coalesce(of.fn.max("position"), of.lit(0)).as("last"))
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
    .selectFrom("event_positions")
    .innerJoin("events", (join) =>
      join.onRef("events.run_id", "=", "event_positions.run_id").onRef("events.seq", "=", "event_positions.seq"),
    )
    .innerJoin("pipeline_runs", "pipeline_runs.id", "event_positions.run_id")
    .leftJoin("pipelines", "pipelines.id", "pipeline_runs.pipeline_id")
    .select(EVENT_COLUMNS.map((column) => `events.${column}` as const))
    .select(["event_positions.position", "event_positions.run_id", "pipelines.project_id", "pipeline_runs.pipeline_id"])
    .where("event_positions.position", ">", after)
    .orderBy("event_positions.position")
    .limit(limit)
    .execute();
  return found.map(({ position, run_id, project_id, pipeline_id, ...event }) => ({
    ...rows.event(event),
    position,
    runId: run_id,
    projectId: project_id,
    pipelineId: pipeline_id,
  }));
}
