import type { RunStore } from "../ports/run-store.ts";

export const EVENTS_PER_COMMIT = 5;

/**
 * The writer of the run stores' kill test: one job's counter and some events in each commit, for ever. In a file of its
 * own, without the test runner, because it runs in a process of its own.
 */
export async function commitUntilKilled(store: RunStore, runId: string): Promise<never> {
  // Held for as long as the process lives; the conformance suite looks at it.
  const claim = await store.claim(runId);
  if (claim === null) throw new Error(`the run ${runId} is claimed by another process`);
  const [job] = await store.jobs(runId);
  if (job === undefined) throw new Error(`the run ${runId} has no jobs`);
  for (let attempts = job.attempts + 1; ; attempts += 1) {
    await store.commit(runId, {
      jobs: [{ id: job.id, attempts }],
      steps: [],
      executions: [],
      artifacts: [],
      events: Array.from({ length: EVENTS_PER_COMMIT }, () => ({
        time: attempts,
        event: { type: "job.started", job: job.name, attempt: attempts, executor: "process" },
      })),
    });
  }
}
