import type { Ids, Random } from "@waybill/core";
import type { RunEvent } from "../events.ts";
import type { ExecutorChoice } from "../ports/executor.ts";
import type { ArtifactRecord, ExecutionRecord, JobRecord, RunChange, StepRecord } from "../ports/run-store.ts";
import { canTransition, type JobStatus, type Reason } from "../statuses.ts";
import type { Command } from "./inputs.ts";
import type { JobState, RunState } from "./run-state.ts";
import type { ServiceHealth } from "./service-health.ts";

/** What the state machine may ask of the world: answers only, no effects. */
export interface MachineServices {
  readonly ids: Ids;
  readonly random: Random;
  readonly chooseExecutor: (job: JobState) => ExecutorChoice;
  readonly health: ServiceHealth;
  /** Whether the job's condition is true now. @throws WaybillError where it cannot be said. */
  conditionHolds(job: JobState): boolean;
  /** Whether the job has to be asked for before it begins. By default none has. */
  isGuarded?(job: JobState): boolean;
  /** Whether failures of the job may be followed by other attempts at all. By default they may. */
  mayTryAgain?(job: JobState): boolean;
}

/**
 * A step of the state machine under way: the state being changed, and what came of it: rows to store, events that
 * tell of it, commands to carry out once all that is stored. Several inputs may share one transition, and with it
 * one database transaction.
 */
export class Transition {
  readonly state: RunState;
  readonly now: number;
  readonly services: MachineServices;
  readonly commands: Command[] = [];
  /** Jobs settled in this transition whose dependents have not been told yet. */
  readonly settled: JobState[] = [];
  readonly #events: { time: number; event: RunEvent }[] = [];
  readonly #jobs = new Map<string, { id: string } & Partial<Omit<JobRecord, "id" | "name">>>();
  readonly #steps = new Map<string, { id: string } & Partial<Omit<StepRecord, "id" | "name" | "jobId" | "position">>>();
  readonly #executions: ExecutionRecord[] = [];
  readonly #artifacts: ArtifactRecord[] = [];
  #run: NonNullable<RunChange["run"]> | null = null;

  constructor(state: RunState, now: number, services: MachineServices) {
    this.state = state;
    this.now = now;
    this.services = services;
  }

  emit(event: RunEvent): void {
    this.#events.push({ time: this.now, event });
  }

  changeRun(patch: NonNullable<RunChange["run"]>): void {
    this.#run = { ...this.#run, ...patch };
  }

  /** The one way a job's status changes; an illegal change is a defect and stops the run loudly. */
  changeStatus(job: JobState, status: JobStatus, reason: Reason | null = null, message = ""): void {
    if (!canTransition(job.status, status)) {
      throw new RangeError(`job ${job.name} cannot go from ${job.status} to ${status}`);
    }
    job.status = status;
    job.reason = reason;
    job.message = message;
    this.changeJob(job, { status, reason, message });
  }

  changeJob(job: JobState, patch: Partial<Omit<JobRecord, "id" | "name">>): void {
    this.#jobs.set(job.id, { ...this.#jobs.get(job.id), ...patch, id: job.id });
  }

  changeStep(id: string, patch: Partial<Pick<StepRecord, "status" | "exitCode" | "startedAt" | "finishedAt">>): void {
    this.#steps.set(id, { ...this.#steps.get(id), ...patch, id });
  }

  addExecution(execution: ExecutionRecord): void {
    this.#executions.push(execution);
  }

  addArtifact(artifact: ArtifactRecord): void {
    this.#artifacts.push(artifact);
  }

  change(): RunChange {
    return {
      ...(this.#run === null ? {} : { run: this.#run }),
      jobs: [...this.#jobs.values()],
      steps: [...this.#steps.values()],
      executions: this.#executions,
      artifacts: this.#artifacts,
      events: this.#events,
    };
  }
}
