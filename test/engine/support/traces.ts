import { isSettled, type RunEvent } from "@waybill/engine";
import { listTree } from "@waybill/engine/testing";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { dockerTraces, executionTraces, processesKnowing } from "../../support/execution-traces.ts";
import type { Bench, StartedRun } from "./open-bench.ts";

/** Processes that have `marker` in their environment: steps that see this machine have the path of their workspace there. */
export function processesWith(marker: string): string[] {
  return processesKnowing([marker], "environment");
}

/**
 * A run that is over has left its logs, its artifacts and the database, and these agree: what listeners were told is
 * what is stored, without a gap, and the rows say what the last events say.
 */
export async function expectCleanEnd(bench: Bench, run: StartedRun): Promise<void> {
  await expectNothingLeft(bench);
  await expectNoTraces(bench, run.handle.id);
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

/** Of executions that saw nothing of this machine: no process, control group, temporary directory, container, network. */
async function expectNoTraces(bench: Bench, runId: string): Promise<void> {
  const { name } = bench.ports.executor;
  const executions = (await bench.store.executions(runId)).map(({ id }) => id);
  expect(executionTraces({ directory: bench.executions, executions }), "traces").toEqual([]);
  if (name !== "docker") return;
  // A network that is kept for the next execution goes with the executor.
  await bench.close();
  expect(await dockerTraces(process.env["DOCKER_HOST"] ?? "", bench.executions, [process.pid]), "docker").toEqual([]);
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
