import type { FeedEntry, RunStore } from "@waybill/engine";
import type { Clock, Timer } from "@waybill/core";
import type { EventFilter } from "../access/visible-events.ts";
import type { ServerLog } from "../server-log.ts";
import { JobIds } from "./job-ids.ts";
import { timeOf } from "../api/schemas.ts";
import type { EventPage } from "./server-sent-events.ts";

const AT_ONCE = 500;
/** Events that nobody waits for get their positions now and then, so that the next follower finds few without one. */
const IDLE_MS = 5_000;

/** The events of all runs and of the server in one order. Followers share the work of placing those that are new. */
export class EventFeed {
  readonly #store: RunStore;
  readonly #clock: Clock;
  readonly #log: ServerLog;
  #placing: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  readonly #jobIds: JobIds;
  #timer: Timer | null = null;
  #isStopped = false;

  constructor(store: RunStore, clock: Clock, log: ServerLog) {
    this.#store = store;
    this.#clock = clock;
    this.#jobIds = new JobIds(store);
    this.#log = log;
    this.#schedule();
  }

  /** Where somebody stands who wants only what comes. */
  async end(): Promise<number> {
    await this.#place();
    return await this.#store.feedEnd();
  }

  /**
   * Pages of events behind `after`, each behind the one before.
   * @param mayBeSeen events of which it says no are left out
   */
  follow(after: number, mayBeSeen: EventFilter): () => Promise<EventPage> {
    let seen = after;
    return async () => {
      await this.#place();
      // What may not be seen is passed over here: a page that is empty is the end.
      for (;;) {
        const page = await this.#store.feed(seen, AT_ONCE);
        seen = page.at(-1)?.position ?? seen;
        const events = page.filter((entry) => mayBeSeen("event" in entry ? "run" : entry.type, entry.projectId));
        if (events.length === 0 && page.length === AT_ONCE) continue;
        return { isLast: false, events: await Promise.all(events.map((entry) => this.#told(entry))) };
      }
    };
  }

  async #told(entry: FeedEntry): Promise<EventPage["events"][number]> {
    const { position: id, runId, projectId, pipelineId } = entry;
    const time = timeOf(entry.time);
    const ids = { run_id: runId, project_id: projectId, pipeline_id: pipelineId };
    if (!("event" in entry)) {
      const { type, jobId, fields } = entry;
      return { id, type, data: { time, ...ids, job_id: jobId, ...fields, type } };
    }
    const { seq, event } = entry;
    const job_id = "job" in event ? await this.#jobIds.find(entry.runId, event.job) : null;
    return { id, type: event.type, data: { seq, time, run: runId, ...ids, job_id, ...event } };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#placing;
  }

  /** Resolves when all that was stored before the call has its position. */
  #place(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    // One that is under way may have read before the last event was stored.
    if (this.#placing !== null) return (this.#next ??= this.#placing.catch(() => undefined).then(() => this.#begin()));
    return this.#begin();
  }

  #begin(): Promise<void> {
    this.#next = null;
    const placing = this.#placeAll().finally(() => {
      if (this.#placing === placing) this.#placing = null;
    });
    this.#placing = placing;
    return placing;
  }

  async #placeAll(): Promise<void> {
    while (!this.#isStopped && (await this.#store.placeEvents(AT_ONCE)) > 0);
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#timer = this.#clock.setTimer(IDLE_MS, () => {
      void this.#place()
        .catch((error: unknown) => this.#log.error("events could not be placed", {}, error))
        .finally(() => this.#schedule());
    });
  }
}
