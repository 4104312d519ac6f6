import { constantRandom, sequentialIds } from "@waybill/core/testing";
import type { PipelineDefinition } from "@waybill/pipeline";
import type { JobResult, RunEvent } from "../events.ts";
import { applyInput } from "../machine/apply-input.ts";
import type { Command, Input, StepEnded } from "../machine/inputs.ts";
import { restoreRunState } from "../machine/restore-run-state.ts";
import { createRunState, type JobState, type RunState } from "../machine/run-state.ts";
import { NO_SERVICES, type ServiceHealth } from "../machine/service-health.ts";
import { Transition, type MachineServices } from "../machine/transition.ts";
import type { RunChange } from "../ports/run-store.ts";
import { RecordedRun } from "./recorded-run.ts";

export interface MachineRunOptions {
  readonly concurrency?: number;
  /** Jobs of the run; all by default. */
  readonly jobs?: readonly string[];
  readonly conditionHolds?: (job: JobState) => boolean;
  /** No job by default. */
  readonly isGuarded?: (job: JobState) => boolean;
  readonly executor?: string;
  /** No service fails by default. */
  readonly health?: ServiceHealth;
}

/** The state machine alone, driven by hand: inputs in, commands and events out, nothing is executed. */
export class MachineRun {
  state: RunState;
  readonly events: RunEvent[] = [];
  readonly changes: RunChange[] = [];
  /** Commands not taken yet, oldest first. */
  readonly commands: Command[] = [];
  now = 0;
  readonly #services: MachineServices;
  readonly #records: RecordedRun;

  constructor(definition: PipelineDefinition, options: MachineRunOptions = {}) {
    const jobs = (options.jobs ?? [...definition.jobs.keys()]).map((name) => ({
      id: `job-${name}`,
      name,
      steps: (definition.jobs.get(name)?.steps ?? []).map((step, index) => ({
        id: `${name}-${index}`,
        name: step.name,
      })),
    }));
    const run = { id: "run", pipelineName: definition.name, file: "waybill.yaml", trigger: "manual", createdAt: 0 };
    this.state = createRunState({ ...run, definition, jobs }, options.concurrency ?? 1000);
    this.#records = new RecordedRun({ ...run, definition, jobs, parameterNames: [], origin: null });
    this.#services = {
      ids: sequentialIds("execution"),
      random: constantRandom(0.5),
      chooseExecutor: () => ({ executor: options.executor ?? "none", reason: "a test" }),
      health: options.health ?? NO_SERVICES,
      conditionHolds: options.conditionHolds ?? ((): boolean => true),
      isGuarded: options.isGuarded ?? ((): boolean => false),
    };
  }

  send(...inputs: readonly Input[]): void {
    const transition = new Transition(this.state, this.now, this.#services);
    for (const input of inputs) applyInput(transition, input);
    const change = transition.change();
    this.changes.push(change);
    this.#records.commit(change);
    this.events.push(...change.events.map(({ event }) => event));
    this.commands.push(...transition.commands);
  }

  start(): this {
    this.send({ type: "start", number: 1 });
    return this;
  }

  /**
   * Forgets all but what was stored, as a process that dies does, and begins again from it. Commands that had not been
   * taken are lost with the process; those of the restored state take their place.
   */
  crash(): void {
    const restored = restoreRunState(this.#records.stored(), this.state.concurrency, this.now);
    this.state = restored.state;
    this.commands.splice(0, Infinity, ...restored.commands);
    this.send(restored.input);
  }

  job(name: string): JobState {
    const job = this.state.jobs.get(name);
    if (job === undefined) throw new Error(`no job ${name}`);
    return job;
  }

  /** Makes the job's place ready, so that its first step runs. */
  prepare(name: string): void {
    this.send({ type: "prepared", job: name, execution: this.execution(name) });
  }

  /** Ends the job's current step. */
  endStep(name: string, exitCode: number | null, signal: string | null = null): void {
    this.send(this.stepEnd(name, { kind: "exited", exitCode, signal }));
  }

  stepEnd(name: string, outcome: StepEnded["outcome"]): StepEnded {
    const job = this.job(name);
    const execution = this.execution(name);
    return { type: "step_ended", job: name, execution, step: job.step, attempt: job.stepAttempt, outcome };
  }

  /** Runs the job's only attempt with all its steps to one outcome. */
  complete(name: string, outcome: "success" | "failed"): void {
    this.prepare(name);
    do {
      this.endStep(name, outcome === "success" ? 0 : 1);
    } while (this.job(name).phase === "stepping");
    if (this.job(name).phase === "saving") {
      this.send({ type: "artifacts_saved", job: name, execution: this.execution(name), artifacts: [] });
    }
  }

  execution(name: string): string {
    const { executionId } = this.job(name);
    if (executionId === null) throw new Error(`${name} has not started`);
    return executionId;
  }

  statuses(): Record<string, string> {
    return Object.fromEntries([...this.state.jobs].map(([name, job]) => [name, job.status]));
  }

  result(): { status: string; jobs: Readonly<Record<string, JobResult>> } | null {
    const last = this.events.at(-1);
    return last?.type === "run.finished" ? { status: last.status, jobs: last.jobs } : null;
  }
}
