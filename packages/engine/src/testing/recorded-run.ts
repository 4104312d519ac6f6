import type { RunRecords } from "../machine/restore-run-state.ts";
import {
  NO_ORIGIN,
  type ArtifactRecord,
  type ExecutionRecord,
  type NewRun,
  type RunChange,
  type StoredEvent,
} from "../ports/run-store.ts";

/** What a store has of one run after some changes, without a store. */
export class RecordedRun {
  readonly #new: NewRun;
  #run: RunRecords["run"];
  readonly #jobs: Map<string, RunRecords["jobs"][number]>;
  readonly #steps: Map<string, RunRecords["steps"][number]>;
  readonly #executions: ExecutionRecord[] = [];
  readonly #artifacts: ArtifactRecord[] = [];
  readonly #events: StoredEvent[] = [];

  constructor(run: NewRun) {
    const { id, pipelineName, file, trigger, createdAt } = run;
    const untouched = { status: "pending", startedAt: null, finishedAt: null } as const;
    this.#new = run;
    this.#run = { id, number: 1, pipelineName, file, trigger, createdAt, ...untouched, reason: null, ...NO_ORIGIN };
    this.#jobs = new Map(
      run.jobs.map((job) => [
        job.id,
        { id: job.id, name: job.name, ...untouched, reason: null, message: "", attempts: 0, outputs: {} },
      ]),
    );
    this.#steps = new Map(
      run.jobs.flatMap((job) =>
        job.steps.map((step, position) => [
          step.id,
          { id: step.id, name: step.name, jobId: job.id, position, ...untouched, exitCode: null },
        ]),
      ),
    );
  }

  commit(change: RunChange): void {
    this.#run = { ...this.#run, ...change.run };
    for (const patch of change.jobs) merge(this.#jobs, patch);
    for (const patch of change.steps) merge(this.#steps, patch);
    this.#executions.push(...change.executions);
    this.#artifacts.push(...change.artifacts);
    for (const { time, event } of change.events) this.#events.push({ seq: this.#events.length + 1, time, event });
  }

  stored(): RunRecords {
    return {
      run: this.#run,
      definition: this.#new.definition,
      jobs: [...this.#jobs.values()],
      steps: [...this.#steps.values()],
      executions: this.#executions,
      artifacts: this.#artifacts,
      events: this.#events,
    };
  }
}

function merge<Row extends { readonly id: string }>(
  rows: Map<string, Row>,
  patch: Partial<Row> & { readonly id: string },
): void {
  const row = rows.get(patch.id);
  if (row === undefined) throw new Error(`no row ${patch.id}`);
  rows.set(patch.id, { ...row, ...patch });
}
