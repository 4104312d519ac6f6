import { suggestNames, WaybillError } from "@waybill/core";
import { plainRetry, type PipelineDefinition } from "@waybill/pipeline";
import { applyInput } from "../machine/apply-input.ts";
import { createRunState, type JobState, type RunState } from "../machine/run-state.ts";
import { Transition, type MachineServices } from "../machine/transition.ts";
import { selectJobs } from "../run/select-jobs.ts";
import type { JobStatus, RunStatus } from "../statuses.ts";
import { decideCondition } from "./decide-condition.ts";

export const SIMULATED_OUTCOMES = ["success", "failed", "cancelled"] as const;
export type SimulatedOutcome = (typeof SIMULATED_OUTCOMES)[number];

/** How a running job ends, all its retries included. */
export interface SimulatedEvent {
  readonly job: string;
  readonly outcome: SimulatedOutcome;
}

export interface SimulationOptions {
  /** How many jobs may run at once. */
  readonly concurrency: number;
  /** Names of jobs to run, with all they depend on; null: every job. */
  readonly jobs: readonly string[] | null;
  readonly parameters: Readonly<Record<string, string>>;
  readonly system: Readonly<Record<string, string>>;
}

/** A condition that asks for what only a run knows, and so was taken as true. */
export interface SimulationWarning {
  readonly job: string;
  readonly condition: string;
  readonly message: string;
}

/**
 * A run in which nothing is executed: the state machine and the scheduler of real runs, told from outside how each job
 * ends. Time stands still, so nothing runs into a time-out, and the same events always lead to the same states.
 */
export class Simulation {
  readonly #state: RunState;
  readonly #services: MachineServices;
  readonly #warnings: SimulationWarning[] = [];

  /** @throws WaybillError `RUN_UNKNOWN_JOB` */
  constructor(definition: PipelineDefinition, options: SimulationOptions) {
    const jobs = selectJobs(definition, options.jobs).map((name) => ({
      id: name,
      name,
      steps: (definition.jobs.get(name)?.steps ?? []).map((step, index) => ({
        id: `${name}/${index}`,
        name: step.name,
      })),
    }));
    const run = { id: "simulation", pipelineName: definition.name, file: "", trigger: "manual", createdAt: 0, jobs };
    this.#state = createRunState({ ...run, definition: withoutRetries(definition) }, options.concurrency);
    let executions = 0;
    this.#services = {
      ids: { next: () => `execution-${++executions}` },
      random: { next: () => 0.5 },
      chooseExecutor: () => ({ executor: "simulation", reason: "nothing is executed" }),
      conditionHolds: (job) => this.#conditionHolds(job, options),
    };
    const transition = this.#begin();
    applyInput(transition, { type: "start", number: 1 });
  }

  get status(): RunStatus {
    return this.#state.status;
  }

  /** So far, in the order in which the conditions were due. */
  get warnings(): readonly SimulationWarning[] {
    return this.#warnings;
  }

  /** Names of the jobs that only wait for a free slot, in the order in which they will get one. */
  get ready(): readonly string[] {
    return this.#state.ready.filter((name) => this.#state.jobs.get(name)?.phase === "waiting");
  }

  /** In the order of the file. */
  statuses(): ReadonlyMap<string, JobStatus> {
    return new Map([...this.#state.jobs].map(([name, job]) => [name, job.status]));
  }

  /** Why a job is in its status, in words; empty: there is nothing to say. */
  messageOf(job: string): string {
    return this.#state.jobs.get(job)?.message ?? "";
  }

  /**
   * Ends a running job.
   *
   * @throws WaybillError `SIMULATION_UNKNOWN_JOB`, `SIMULATION_JOB_NOT_RUNNING`; nothing has changed then
   */
  apply({ job: name, outcome }: SimulatedEvent): void {
    const job = this.#state.jobs.get(name);
    if (job === undefined) throw this.#unknownJob(name);
    if (job.status !== "running") {
      const running = [...this.#state.jobs.values()].filter(({ status }) => status === "running");
      const hint =
        running.length === 0
          ? "No job runs any more."
          : `What runs then is ${running
              .slice(0, 20)
              .map((each) => each.name)
              .join(", ")}.`;
      throw new WaybillError("SIMULATION_JOB_NOT_RUNNING", { job: name, status: job.status, outcome, hint });
    }
    const transition = this.#begin();
    const about = { job: name, execution: job.executionId as string };
    applyInput(transition, { type: "prepared", ...about });
    if (outcome === "cancelled") applyInput(transition, { type: "cancel_job", ...about, message: "cancelled" });
    // Each success begins the next step, until there is none.
    while (job.phase === "stepping") {
      const step = { type: "step_ended", ...about, step: job.step, attempt: job.stepAttempt } as const;
      // An error and not an exit code: a step that may fail would let the job go on.
      const failure = { kind: "error", reason: "step_failed", message: "failed" } as const;
      const exit = { kind: "exited", exitCode: outcome === "success" ? 0 : null, signal: null } as const;
      applyInput(transition, { ...step, outcome: outcome === "failed" ? failure : exit });
    }
    if (job.phase === "saving") applyInput(transition, { type: "artifacts_saved", ...about, artifacts: [] });
  }

  #begin(): Transition {
    return new Transition(this.#state, 0, this.#services);
  }

  #conditionHolds(job: JobState, options: SimulationOptions): boolean {
    const { definition, jobs } = this.#state;
    const decision = decideCondition({
      definition,
      job: job.definition,
      statusOf: (name) => jobs.get(name)?.status ?? null,
      parameters: options.parameters,
      system: options.system,
    });
    if (decision.kind === "decided") return decision.holds;
    const condition = job.definition.condition ?? "";
    this.#warnings.push({ job: job.name, condition, message: decision.why });
    return true;
  }

  #unknownJob(job: string): WaybillError {
    const known = [...this.#state.jobs.keys()];
    const close = suggestNames(job, known).map((name) => `"${name}"`);
    const hint =
      close.length > 0 ? `Did you mean ${close.join(" or ")}?` : `The jobs are: ${known.slice(0, 20).join(", ")}.`;
    return new WaybillError("SIMULATION_UNKNOWN_JOB", { job, hint });
  }
}

/** An outcome is a job's last: what was tried before it is no part of the simulation. */
function withoutRetries(definition: PipelineDefinition): PipelineDefinition {
  const jobs = [...definition.jobs].map(([name, job]) => [name, { ...job, retry: plainRetry(0) }] as const);
  return { ...definition, jobs: new Map(jobs) };
}
