import type { RunStore } from "@waybill/engine";

/** Runs whose jobs are remembered: those of which events come are few at a time. */
const MAX_RUNS = 200;

/** Ids of jobs by their names, which are all that events have. They never change, so each run is read once. */
export class JobIds {
  readonly #store: Pick<RunStore, "jobs">;
  readonly #known = new Map<string, Promise<ReadonlyMap<string, string>>>();

  constructor(store: Pick<RunStore, "jobs">) {
    this.#store = store;
  }

  /** @returns null: the run has no such job */
  async find(runId: string, job: string): Promise<string | null> {
    let ids = this.#known.get(runId);
    if (ids === undefined) {
      ids = this.#store.jobs(runId).then((jobs) => new Map(jobs.map(({ id, name }) => [name, id])));
      ids.catch(() => this.#known.delete(runId));
      const oldest = this.#known.keys().next().value;
      if (this.#known.size >= MAX_RUNS && oldest !== undefined) this.#known.delete(oldest);
      this.#known.set(runId, ids);
    }
    return (await ids).get(job) ?? null;
  }
}
