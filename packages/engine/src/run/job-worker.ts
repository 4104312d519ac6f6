import type { Timer } from "@waybill/core";
import type { Command, Input } from "../machine/inputs.ts";
import type { JobState } from "../machine/run-state.ts";
import type { LogLine, LogWriter } from "../ports/files.ts";
import type { FailureReason } from "../statuses.ts";
import { failureText } from "./failure-text.ts";
import type { JobTexts } from "./job-texts.ts";
import type { EnginePorts } from "./request.ts";
import { StepRun, type StepOutcome } from "./step-run.ts";

/** Between SIGTERM and SIGKILL. */
const STOP_GRACE_MS = 30_000;

export interface JobWorkerOptions {
  readonly runId: string;
  readonly job: JobState;
  readonly ports: EnginePorts;
  readonly texts: JobTexts;
  /** Something happened that the state machine must know. */
  readonly report: (input: Input) => void;
  readonly onOutput: (job: JobState, lines: readonly LogLine[]) => Promise<void>;
}

/** Carries out the commands for one attempt of one job and reports what came of them. It decides nothing. */
export class JobWorker {
  readonly #options: JobWorkerOptions;
  readonly #execution: string;
  readonly #timers = new Set<Timer>();
  #workspace: string | null = null;
  #log: LogWriter | null = null;
  #step: StepRun | null = null;
  #stopGraceMs = STOP_GRACE_MS;

  constructor(execution: string, options: JobWorkerOptions) {
    this.#execution = execution;
    this.#options = options;
  }

  /** Resolves when the command is carried out; what it led to has been reported by then. */
  async execute(command: Command): Promise<void> {
    switch (command.type) {
      case "prepare":
        return this.#prepare(command.attempt);
      case "run_step":
        return this.#runStep(command);
      case "stop_step":
        return this.#step?.stop(this.#stopGraceMs);
      case "save_artifacts":
        return this.#saveArtifacts();
      case "close":
        return this.close();
      case "retry_later":
        this.#after(command.delayMs, { type: "retry_due", job: this.#options.job.name, execution: this.#execution });
        return;
    }
  }

  /** From now on nothing gets time to end by itself. */
  async kill(): Promise<void> {
    this.#stopGraceMs = 0;
    await this.#step?.stop(0);
  }

  /**
   * Ends the execution and leaves nothing of it but its log. Each part is tried whatever became of the others: a log
   * that cannot be written must not leave a supervisor behind, which would keep our process alive.
   */
  async close(): Promise<void> {
    const { ports } = this.#options;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    const log = this.#log;
    const workspace = this.#workspace;
    this.#log = null;
    this.#workspace = null;
    try {
      await log?.close();
    } finally {
      try {
        await ports.executor.close(this.#execution);
      } finally {
        if (workspace !== null) await ports.workspaces.remove(workspace);
      }
    }
  }

  async #prepare(attempt: number): Promise<void> {
    const { runId, job, ports, texts } = this.#options;
    const about = { job: job.name, execution: this.#execution };
    this.#after(job.definition.timeout * 1000, { type: "deadline", scope: "job", ...about });
    try {
      this.#workspace = await ports.workspaces.create(runId, job.name, attempt);
      const artifacts = texts.artifactsFor(job.definition);
      if (artifacts.length > 0) await ports.artifacts.restore(artifacts, this.#workspace);
      await ports.executor.submit({
        executionId: this.#execution,
        runId,
        jobName: job.name,
        attempt,
        workspace: this.#workspace,
      });
    } catch (error) {
      return this.#options.report({ type: "prepare_failed", ...about, message: failureText(error) });
    }
    this.#options.report({ type: "prepared", ...about });
  }

  async #runStep(command: Extract<Command, { readonly type: "run_step" }>): Promise<void> {
    const { job, ports } = this.#options;
    const about = { job: job.name, execution: this.#execution, step: command.step, attempt: command.attempt };
    const step = new StepRun(ports.executor, ports.clock, this.#execution, (lines) => this.#keep(lines));
    this.#step = step;
    const deadline = this.#after(command.timeoutMs, { type: "deadline", scope: "step", ...about });
    const outcome = await this.#outcomeOf(step, command);
    this.#cancel(deadline);
    if (this.#step === step) this.#step = null;
    this.#options.report({ type: "step_ended", ...about, outcome });
  }

  async #outcomeOf(step: StepRun, command: Extract<Command, { readonly type: "run_step" }>): Promise<StepOutcome> {
    const { job, ports, texts } = this.#options;
    try {
      const workspacePath = ports.executor.workspacePath(this.#workspace ?? "");
      const spec = texts.step(job, { index: command.step, attempt: command.attempt }, workspacePath);
      const outcome = await step.run(spec);
      // The end of a step is told only when all it printed can be read.
      await this.#log?.flush();
      return outcome;
    } catch (error) {
      return { kind: "error", reason: "setup_failed" satisfies FailureReason, message: failureText(error) };
    }
  }

  async #keep(lines: readonly LogLine[]): Promise<void> {
    const { runId, job, ports } = this.#options;
    this.#log ??= ports.logs.write(runId, job.name);
    this.#log.append(lines);
    await this.#options.onOutput(job, lines);
  }

  async #saveArtifacts(): Promise<void> {
    const { runId, job, ports, texts } = this.#options;
    const about = { job: job.name, execution: this.#execution };
    const workspace = this.#workspace ?? "";
    try {
      const patterns = texts.artifactPatterns(job, ports.executor.workspacePath(workspace));
      const artifacts = await ports.artifacts.save({ runId, jobName: job.name, workspace, patterns });
      this.#options.report({ type: "artifacts_saved", ...about, artifacts });
    } catch (error) {
      this.#options.report({ type: "artifacts_failed", ...about, message: failureText(error) });
    }
  }

  #after(delayMs: number, input: Input): Timer {
    const timer = this.#options.ports.clock.setTimer(delayMs, () => {
      this.#timers.delete(timer);
      this.#options.report(input);
    });
    this.#timers.add(timer);
    return timer;
  }

  #cancel(timer: Timer): void {
    timer.cancel();
    this.#timers.delete(timer);
  }
}
