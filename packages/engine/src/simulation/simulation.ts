import { suggestNames, WaybillError } from "@waybill/core";
import type { FailureCategory, PipelineDefinition } from "@waybill/pipeline";
import { classifyFailure } from "../failures/classify-failure.ts";
import type { Failure } from "../failures/failure.ts";
import { applyInput } from "../machine/apply-input.ts";
import type { StepEnded } from "../machine/inputs.ts";
import { createRunState, type JobState, type RunState } from "../machine/run-state.ts";
import { NO_SERVICES } from "../machine/service-health.ts";
import { Transition, type MachineServices } from "../machine/transition.ts";
import { selectJobs } from "../run/select-jobs.ts";
import type { JobStatus, RunStatus } from "../statuses.ts";
import { decideCondition } from "./decide-condition.ts";

export const SIMULATED_OUTCOMES = ["success", "failed", "cancelled"] as const;
export type SimulatedOutcome = (typeof SIMULATED_OUTCOMES)[number];

/** How a running job ends. */
export interface SimulatedEvent {
  readonly job: string;
  readonly outcome: SimulatedOutcome;
  /**
   * Of a step that failed. With it, or with a category, the event is the end of one attempt, and the retry rules decide
   * what follows; without either it is the job's last.
   */
  readonly exit_code?: number | undefined;
  /** What the step failed of; without it, what the exit code alone says. */
  readonly category?: FailureCategory | undefined;
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
  /** Whether the event under way ends one attempt only. */
  #isAttempt = false;

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
    this.#state = createRunState({ ...run, definition }, options.concurrency);
    let executions = 0;
    this.#services = {
      ids: { next: () => `execution-${++executions}` },
      random: { next: () => 0.5 },
      chooseExecutor: () => ({ executor: "simulation", reason: "nothing is executed" }),
      health: NO_SERVICES,
      conditionHolds: (job) => this.#conditionHolds(job, options),
      mayTryAgain: () => this.#isAttempt,
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
  apply(event: SimulatedEvent): void {
    const { job: name, outcome } = event;
    const job = this.#state.jobs.get(name);
    if (job === undefined) throw this.#unknownJob(name);
    // Where it waits for its next attempt, that is what the event is about: it is due at once.
    const isDue = job.phase === "job_backoff" && this.#state.running < this.#state.concurrency;
    if (job.status !== "running" && !isDue) {
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
    this.#isAttempt = outcome === "failed" && (event.exit_code !== undefined || event.category !== undefined);
    const transition = this.#begin();
    this.#endBackOffs(transition, job);
    const about = { job: name, execution: job.executionId as string };
    applyInput(transition, { type: "prepared", ...about });
    if (outcome === "cancelled") applyInput(transition, { type: "cancel_job", ...about, message: "cancelled" });
    // Each success begins the next step, until there is none.
    while (job.phase === "stepping") {
      const isLast = job.step === job.definition.steps.length - 1;
      const mayFail = job.definition.steps[job.step]?.continueOnFailure === true;
      // A step that may fail would let the job go on: it is another one that fails, or the job itself.
      const outcomeOfStep = outcome === "failed" && (!mayFail || isLast) ? failureOf(event, mayFail) : SUCCESS;
      const step = { type: "step_ended", ...about, step: job.step, attempt: job.stepAttempt } as const;
      applyInput(transition, { ...step, outcome: outcome === "cancelled" ? STOPPED : outcomeOfStep });
    }
    if (job.phase === "saving") applyInput(transition, { type: "artifacts_saved", ...about, artifacts: [] });
  }

  /** Time passes between two events: whoever waits to be tried again is due, the job in question first. */
  #endBackOffs(transition: Transition, first: JobState): void {
    const waiting = [...this.#state.jobs.values()].filter(({ phase }) => phase.endsWith("_backoff"));
    for (const { name, executionId } of waiting.toSorted((a, b) => Number(b === first) - Number(a === first))) {
      applyInput(transition, { type: "retry_due", job: name, execution: executionId as string });
    }
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

const SUCCESS: StepEnded["outcome"] = { kind: "exited", exitCode: 0, signal: null };
const STOPPED: StepEnded["outcome"] = { kind: "exited", exitCode: null, signal: null };

/** @param ofJob not the step's own failure, which would not matter, but that of the whole attempt */
function failureOf({ exit_code, category }: SimulatedEvent, ofJob: boolean): StepEnded["outcome"] {
  const exitCode = exit_code ?? 1;
  const evidence = { exitCode, signal: null, timedOut: false, outOfMemory: false, lines: [] };
  const failure: Failure =
    category === undefined ? classifyFailure(evidence) : { category, service: null, cause: "unknown" };
  return ofJob
    ? { kind: "error", reason: "setup_failed", message: "failed", failure }
    : { kind: "exited", exitCode, signal: null, failure };
}
