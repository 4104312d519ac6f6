import type { RunState } from "../machine/run-state.ts";
import type { ExecutionRecord } from "../ports/run-store.ts";
import { isSettled } from "../statuses.ts";
import type { EnginePorts } from "./request.ts";

/** Attempts cleared away at a time. */
const AT_ONCE = 16;

/** Ends what is left of attempts that are over: their process died before it came to that. */
export async function clearLeftovers(ports: EnginePorts, state: RunState): Promise<void> {
  const names = new Map(Array.from(state.jobs.values(), (job) => [job.id, job.name]));
  const live = new Set(
    Array.from(state.jobs.values())
      .filter((job) => job.status === "running")
      .map((job) => job.executionId),
  );
  const over = (await ports.store.executions(state.id)).filter(({ id }) => !live.has(id));
  await forEach(over, async ({ id, jobId, attempt, executor }) => {
    await ports.executors.named(executor).close(id);
    await ports.workspaces.remove(ports.workspaces.locate(state.id, names.get(jobId) ?? "", attempt));
  });
}

/** The same for a run that is over as a whole. */
export async function clearRun(ports: EnginePorts, runId: string): Promise<void> {
  try {
    const executions = await ports.store.executions(runId);
    await forEach(executions, ({ id, executor }) => ports.executors.named(executor).close(id));
  } finally {
    await ports.workspaces.removeRun(runId);
  }
}

/** As `Engine.sweep`. */
export async function sweep(ports: EnginePorts): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const runId of await ports.store.claimed()) {
    try {
      if (await isOver(ports, runId)) await sweepRun(ports, runId);
    } catch (error) {
      warnings.push(error instanceof Error ? error.message : String(error));
    }
  }
  return warnings;
}

async function sweepRun(ports: EnginePorts, runId: string): Promise<void> {
  const claim = await ports.store.claim(runId);
  if (claim === null) return;
  let isCleared = false;
  try {
    // A process that was about to store the run may have done so, and died, before the claim was ours.
    if (await isOver(ports, runId)) {
      await clearRun(ports, runId);
      isCleared = true;
    }
  } finally {
    await claim.release(isCleared);
  }
}

/** A run that is not stored never began. */
async function isOver({ store }: EnginePorts, runId: string): Promise<boolean> {
  const run = await store.find(runId);
  return run === null || isSettled(run.status);
}

/** Each is tried, whatever becomes of the others. @throws the first error */
async function forEach(
  executions: readonly ExecutionRecord[],
  clear: (execution: ExecutionRecord) => Promise<void>,
): Promise<void> {
  const errors: unknown[] = [];
  for (let from = 0; from < executions.length; from += AT_ONCE) {
    const slice = executions.slice(from, from + AT_ONCE);
    const outcomes = await Promise.allSettled(slice.map(async (execution) => await clear(execution)));
    for (const outcome of outcomes) if (outcome.status === "rejected") errors.push(outcome.reason);
  }
  if (errors.length > 0) throw errors[0];
}
