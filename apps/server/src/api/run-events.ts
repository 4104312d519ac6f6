import { isSettled, type RunStore } from "@waybill/engine";
import type { EventPage } from "../runs/server-sent-events.ts";
import { timeOf } from "./schemas.ts";

const EVENTS_AT_ONCE = 500;

/** Pages of a run's events behind `after`, each behind the one before. */
export function readEvents(store: RunStore, runId: string, after: number): () => Promise<EventPage> {
  let seen = after;
  return async () => {
    // Asked first: what is stored of a run that is over then is all there is.
    const isOver = isSettled((await store.find(runId))?.status ?? "cancelled");
    const events = await store.events(runId, seen, EVENTS_AT_ONCE);
    seen = events.at(-1)?.seq ?? seen;
    return {
      isLast: isOver,
      events: events.map(({ seq, time, event }) => ({
        id: seq,
        type: event.type,
        data: { seq, time: timeOf(time), run: runId, ...event },
      })),
    };
  };
}
