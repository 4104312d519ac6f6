import { systemIds, type Ids, type NewServerEvent } from "@waybill/core";
import type { Transaction } from "kysely";
import type { RunDatabase } from "../runs/run-database.ts";
import type { Tables } from "../schema/tables.ts";

/**
 * Stores events in the transaction of what they tell of. They get their places in the feed as events of runs do, when
 * they can be seen. An event that is there already by its id is left out.
 */
export async function appendServerEvents(
  database: Pick<RunDatabase, "eventNotices">,
  trx: Transaction<Tables>,
  events: readonly NewServerEvent[],
  ids: Ids = systemIds,
): Promise<void> {
  for (const { id = ids.next(), time, projectId, pipelineId = null, runId = null, jobId = null, ...rest } of events) {
    const { type, fields } = rest;
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto("server_events")
      .values({
        id,
        time,
        type,
        ...{ project_id: projectId, pipeline_id: pipelineId, run_id: runId, job_id: jobId },
        fields: JSON.stringify(fields),
      })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows !== 1n) continue;
    await trx.insertInto("unplaced_server_events").values({ id, time }).execute();
    database.eventNotices.mark(trx);
  }
}
