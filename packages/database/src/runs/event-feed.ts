import type { FeedEntry } from "@waybill/engine";
import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../schema/tables.ts";
import { EVENT_COLUMNS, SERVER_EVENT_COLUMNS, type RowReader } from "./rows.ts";

/** Rows of one statement: three parameters each. */
const ROWS_PER_STATEMENT = 250;
/** In place of a number in a run: the event is one of the server, and its id where others have their run's. */
const OF_SERVER = 0;

/**
 * One order for the events of all runs and of the server.
 *
 * On PostgreSQL transactions end in another order than they begin in, so a number that each takes for itself could be
 * below one that a follower has seen already. Events get theirs when they can be seen, by whichever server places them
 * first; the caller's transaction holds the lock under which that is done. An event's own row stays as it was stored.
 *
 * @param limit of transactions whose events are placed, of runs and as many events of the server
 * @returns how many events were given one
 */
export async function placeEvents(trx: Transaction<Tables>, limit: number): Promise<number> {
  const waiting = await trx
    .selectFrom("unplaced_events")
    .select(["run_id", "first_seq", "last_seq", "time"])
    .orderBy("time")
    .orderBy("run_id")
    .orderBy("first_seq")
    .limit(limit)
    .execute();
  const beside = await trx
    .selectFrom("unplaced_server_events")
    .select(["id", "time"])
    .orderBy("time")
    .orderBy("id")
    .limit(limit)
    .execute();
  if (waiting.length + beside.length === 0) return 0;
  let position = await endOfFeed(trx);
  // Of one moment those of the server come first: an artifact is there before its job is over.
  const inOrder = [
    ...beside.map(({ id, time }) => ({ time, run_id: id, first_seq: OF_SERVER, last_seq: OF_SERVER })),
    ...waiting,
  ].toSorted((one, other) => one.time - other.time);
  const placed = inOrder.flatMap(({ run_id, first_seq: first, last_seq: last }) =>
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
  for (let from = 0; from < beside.length; from += ROWS_PER_STATEMENT) {
    const ids = beside.slice(from, from + ROWS_PER_STATEMENT).map(({ id }) => id);
    await trx.deleteFrom("unplaced_server_events").where("id", "in", ids).execute();
  }
  return placed.length;
}

export async function hasUnplacedEvents(db: Kysely<Tables>): Promise<boolean> {
  const ofRun = db.selectFrom("unplaced_events").select("run_id as id").limit(1);
  const ofServer = db.selectFrom("unplaced_server_events").select("id").limit(1);
  return ((await ofRun.executeTakeFirst()) ?? (await ofServer.executeTakeFirst())) !== undefined;
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
): Promise<readonly FeedEntry[]> {
  const found = await db
    .selectFrom("event_positions")
    .leftJoin("events", (join) =>
      join.onRef("events.run_id", "=", "event_positions.run_id").onRef("events.seq", "=", "event_positions.seq"),
    )
    .leftJoin("pipeline_runs", "pipeline_runs.id", "events.run_id")
    .leftJoin("pipelines", "pipelines.id", "pipeline_runs.pipeline_id")
    .leftJoin("server_events", (join) =>
      join.onRef("server_events.id", "=", "event_positions.run_id").on("event_positions.seq", "=", OF_SERVER),
    )
    .select(EVENT_COLUMNS.map((column) => `events.${column}` as const))
    .select(["event_positions.position", "events.run_id", "pipelines.project_id", "pipeline_runs.pipeline_id"])
    .select(SERVER_EVENT_COLUMNS.map((column) => `server_events.${column} as server_${column}` as const))
    .where("event_positions.position", ">", after)
    // Of what is gone, only its place is left.
    .where((of) => of.or([of("events.seq", "is not", null), of("server_events.id", "is not", null)]))
    .orderBy("event_positions.position")
    .limit(limit)
    .execute();
  return found.map(({ position, run_id, project_id, pipeline_id, seq, time, payload, ...server }) =>
    run_id === null
      ? { position, ...rows.serverEvent(server) }
      : {
          ...rows.event({ seq, time, payload }),
          position,
          runId: run_id,
          projectId: project_id,
          pipelineId: pipeline_id,
        },
  );
}
