import { isSettled, type RunEvent } from "@waybill/engine";
import { listTree } from "@waybill/engine/testing";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Bench, StartedRun } from "./open-bench.ts";

/** Processes that have `marker` in their environment: steps have the path of their workspace there. */
export function processesWith(marker: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => environmentOf(pid).includes(marker))
    .map(Number);
}

/**
 * A run that is over has left its logs, its artifacts and the database, and these agree: what listeners were told is
 * what is stored, without a gap, and the rows say what the last events say.
 */
export async function expectCleanEnd(bench: Bench, run: StartedRun): Promise<void> {
  await expectNothingLeft(bench);
  await expectConsistentStore(bench, run.handle.id, run.recorder.events);
}

/** No process, no workspace, no execution, no timer. */
export async function expectNothingLeft(bench: Bench): Promise<void> {
  expect(processesWith(bench.project), "processes").toEqual([]);
  expect(await below(join(bench.state, "workspaces")), "workspaces").toEqual([]);
  expect(bench.clock.pendingDelays(), "timers").toEqual([]);
  expect(
    (await bench.ports.executor.list()).map(({ executionId }) => executionId),
    "executions",
  ).toEqual([]);
}

async function expectConsistentStore(bench: Bench, runId: string, told: readonly RunEvent[]): Promise<void> {
  const stored = await bench.store.events(runId, 0, 100_000);
  expect(stored.map(({ seq }) => seq)).toEqual(stored.map((_, index) => index + 1));
  expect(stored.map(({ event }) => event)).toEqual(told);
  const last = told.at(-1);
  if (last?.type !== "run.finished") throw new Error(`the run ended with ${last?.type}`);
  const record = await bench.store.find(runId);
  expect(record).toMatchObject({ status: last.status, reason: last.reason });
  const jobs = await bench.store.jobs(runId);
  const ends = told.filter((event) => event.type === "job.finished");
  expect(ends.map(({ job }) => job).toSorted()).toEqual(jobs.map(({ name }) => name).toSorted());
  for (const { job, status, reason, message, attempts } of ends) {
    expect(jobs.find(({ name }) => name === job)).toMatchObject({ status, reason, message, attempts });
    expect(last.jobs[job]).toMatchObject({ status, reason, message, attempts });
  }
  expect(jobs.every(({ status }) => isSettled(status))).toBe(true);
  const steps = await bench.store.steps(runId);
  expect(steps.filter(({ status }) => status === "running")).toEqual([]);
}

async function below(directory: string): Promise<string[]> {
  return existsSync(directory) ? await listTree(directory) : [];
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    // It has ended meanwhile.
    return "";
  }
}
