import { WaybillError } from "@waybill/core";
import type { RunRecords } from "../machine/restore-run-state.ts";
import type { RunRecord, RunStore, StoredEvent } from "../ports/run-store.ts";

const EVENTS_PER_READ = 5000;

/** All that is stored of a run. Nobody else may change it meanwhile: see `RunStore.claim`. */
export async function loadRun(store: RunStore, run: RunRecord): Promise<RunRecords> {
  const definition = await store.definition(run.id);
  if (definition === null) throw new WaybillError("INTERNAL", { detail: `the run ${run.id} has no definition` });
  return {
    run,
    definition,
    jobs: await store.jobs(run.id),
    steps: await store.steps(run.id),
    executions: await store.executions(run.id),
    artifacts: await store.artifacts(run.id),
    events: await allEvents(store, run.id),
  };
}

export async function allEvents(store: RunStore, runId: string): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (;;) {
    const page = await store.events(runId, events.at(-1)?.seq ?? 0, EVENTS_PER_READ);
    events.push(...page);
    if (page.length < EVENTS_PER_READ) return events;
  }
}

/** When a run was last heard of, in milliseconds since the epoch. */
export function lastTime({ run, events }: RunRecords): number {
  return events.at(-1)?.time ?? run.createdAt;
}
