import { WaybillError } from "@waybill/core";
import type { JobRecord, RunStore, SavedArtifact, StoredEvent, StoredRun } from "@waybill/engine";
import type { SqlRunStore } from "@waybill/database";
import type { CommandContext } from "../context.ts";
import { hintFor } from "../text/hint.ts";
import { findRun, openRuns } from "./find-run.ts";
import { findProject } from "./pipeline-file.ts";
import { projectPaths, type ProjectPaths } from "./project.ts";

const EVENTS_AT_ONCE = 1000;

export interface StoredJob extends StoredRun {
  readonly paths: ProjectPaths;
  /** Of all jobs of the run. */
  readonly artifacts: readonly SavedArtifact[];
}

/**
 * What is kept of a run, with the events of one of its jobs.
 *
 * @param reference - of the run: number, id, the beginning of an id, or `latest`
 * @param job - any of the pipeline's, also one that this run left out
 * @throws WaybillError `CLI_RUN_NOT_FOUND`, `CLI_UNKNOWN_JOB`, `CLI_NO_PIPELINE`, `STORE_*`
 */
export async function readStoredJob(context: CommandContext, reference: string, job: string): Promise<StoredJob> {
  const paths = projectPaths(findProject(context, "run"));
  const store = await openRuns(paths);
  try {
    const run = await findRun(store, reference);
    const definition = await store?.definition(run.id);
    if (store === null || !definition) throw new WaybillError("CLI_RUN_NOT_FOUND", { run: reference });
    if (!definition.jobs.has(job)) {
      const hint = hintFor(job, definition.jobs.keys(), "jobs");
      throw new WaybillError("CLI_UNKNOWN_JOB", { run: run.number, job, hint });
    }
    const jobs = new Map((await store.jobs(run.id)).map((record) => [record.name, record]));
    const artifacts = await artifactsOf(store, run.id, jobs);
    const origin = await store.origin(run.id);
    return { paths, run, origin, definition, jobs, artifacts, events: await eventsOf(store, run.id, job) };
  } finally {
    await store?.close();
  }
}

async function artifactsOf(
  store: SqlRunStore,
  runId: string,
  jobs: ReadonlyMap<string, JobRecord>,
): Promise<readonly SavedArtifact[]> {
  const names = new Map([...jobs.values()].map(({ id, name }) => [id, name]));
  return (await store.artifacts(runId)).map(({ jobId, name, ref, sizeBytes, fileCount }) => ({
    jobName: names.get(jobId) ?? "",
    name,
    ref,
    sizeBytes,
    fileCount,
  }));
}

async function eventsOf(store: RunStore, runId: string, job: string): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (let after = 0; ;) {
    const page = await store.events(runId, after, EVENTS_AT_ONCE);
    for (const stored of page) if ("job" in stored.event && stored.event.job === job) events.push(stored);
    const last = page.at(-1);
    if (last === undefined || page.length < EVENTS_AT_ONCE) return events;
    after = last.seq;
  }
}
