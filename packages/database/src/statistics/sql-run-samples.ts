import type { RunDatabase } from "../runs/run-database.ts";

/** A run as far as statistics see it. Times are milliseconds since the epoch. */
export interface RunSample {
  readonly id: string;
  readonly status: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

export interface JobSample {
  readonly name: string;
  readonly status: string;
  readonly attempts: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

export interface Sample<Item> {
  readonly items: readonly Item[];
  /** False: there are more than were asked for. */
  readonly isComplete: boolean;
}

/** What reads much reads it in slices, so that others that are read meanwhile have their turn, and rows come in few at once. */
const RUNS_AT_ONCE = 1_000;
const RUNS_WITH_JOBS_AT_ONCE = 50;

/** What statistics are made of, read in slices of a few milliseconds, on SQLite in threads. */
export class SqlRunSamples {
  readonly #database: RunDatabase;

  constructor(database: RunDatabase) {
    this.#database = database;
  }

  /** Runs of a pipeline created at `since` or later, newest first. */
  async runs(pipelineId: string, since: number, limit: number): Promise<Sample<RunSample>> {
    const items: RunSample[] = [];
    let before = 2 ** 31 - 1;
    for (;;) {
      const wanted = Math.min(RUNS_AT_ONCE, limit + 1 - items.length);
      const query = this.#database.reader
        .selectFrom("pipeline_runs")
        .select(["id", "number", "status", "created_at", "started_at", "finished_at"])
        .where("pipeline_id", "=", pipelineId)
        .where("number", "<", before)
        .orderBy("number", "desc")
        .limit(wanted);
      const rows = await this.#guard(() => query.execute());
      // Times follow the numbers but for those of the same moment.
      const young = rows.filter(({ created_at }) => created_at >= since);
      for (const { id, status, created_at, started_at, finished_at } of young) {
        items.push({ id, status, createdAt: created_at, startedAt: started_at, finishedAt: finished_at });
      }
      if (items.length > limit) return { items: items.slice(0, limit), isComplete: false };
      if (rows.length < wanted || young.length === 0) return { items, isComplete: true };
      before = rows.at(-1)?.number ?? 0;
    }
  }

  /** Jobs of these runs, up to a number of them. */
  async jobs(runIds: readonly string[], limit: number): Promise<Sample<JobSample>> {
    const items: JobSample[] = [];
    for (let from = 0; from < runIds.length; from += RUNS_WITH_JOBS_AT_ONCE) {
      const query = this.#database.reader
        .selectFrom("jobs")
        .select(["name", "status", "attempts", "started_at", "finished_at"])
        .where("pipeline_run_id", "in", runIds.slice(from, from + RUNS_WITH_JOBS_AT_ONCE))
        .limit(limit + 1 - items.length);
      for (const { started_at, finished_at, ...rest } of await this.#guard(() => query.execute())) {
        items.push({ ...rest, startedAt: started_at, finishedAt: finished_at });
      }
      if (items.length > limit) return { items: items.slice(0, limit), isComplete: false };
    }
    return { items, isComplete: true };
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw this.#database.storeError(error);
    }
  }
}
