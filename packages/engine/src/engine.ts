import { createRunState } from "./machine/run-state.ts";
import type { NewRun, RunRecord } from "./ports/run-store.ts";
import { RunDriver } from "./run/run-driver.ts";
import { selectJobs } from "./run/select-jobs.ts";
import type { EnginePorts, NoticeListener, RunRequest, RunResult } from "./run/request.ts";

export interface Engine {
  /**
   * Stores a new run and begins it in the next turn of the event loop: subscribe right away to miss nothing.
   * @throws WaybillError `RUN_UNKNOWN_JOB`, or what the store or the workspaces say
   */
  start(request: RunRequest): Promise<RunHandle>;
}

export interface RunHandle {
  readonly id: string;
  readonly number: number;
  /** Resolves when all is settled and cleaned up. @throws WaybillError where the run could not be carried on */
  readonly finished: Promise<RunResult>;
  /** @returns a function that ends the subscription */
  subscribe(listener: NoticeListener): () => void;
  /** Nothing new starts; what runs gets SIGTERM and, after 30 s, SIGKILL. */
  cancel(reason: "user" | "superseded"): void;
  /** Ends everything at once. */
  kill(): void;
}

export function createEngine(ports: EnginePorts): Engine {
  return { start: (request) => startRun(ports, request) };
}

async function startRun(ports: EnginePorts, request: RunRequest): Promise<RunHandle> {
  const { ids } = ports;
  const run: NewRun = {
    id: ids.next(),
    pipelineName: request.definition.name,
    file: request.file,
    trigger: request.trigger,
    definition: request.definition,
    createdAt: ports.clock.now(),
    jobs: selectJobs(request.definition, request.jobs).map((name) => ({
      id: ids.next(),
      name,
      steps: (request.definition.jobs.get(name)?.steps ?? []).map((step) => ({ id: ids.next(), name: step.name })),
    })),
  };
  const record = await createRun(ports, run);
  const driver = new RunDriver(ports, record, createRunState(run, request.concurrency), request);
  driver.start();
  return {
    id: record.id,
    number: record.number,
    finished: driver.finished,
    subscribe: (listener) => driver.subscribe(listener),
    cancel: (reason) => driver.cancel(reason),
    kill: () => driver.kill(),
  };
}

/** The snapshot comes first: a run that cannot have its files is not stored at all. */
async function createRun(ports: EnginePorts, run: NewRun): Promise<RunRecord> {
  try {
    await ports.workspaces.snapshot(run.id);
    return await ports.store.create(run);
  } catch (error) {
    // Half a snapshot may lie there. The first error is the one to tell.
    await ports.workspaces.removeRun(run.id).catch(() => undefined);
    throw error;
  }
}
