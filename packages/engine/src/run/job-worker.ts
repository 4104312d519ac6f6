import { WaybillError, type Timer } from "@waybill/core";
import { classifyEngineFailure, classifyFailure } from "../failures/classify-failure.ts";
import type { Failure } from "../failures/failure.ts";
import type { Input, JobCommand, StepEnded } from "../machine/inputs.ts";
import type { JobState } from "../machine/run-state.ts";
import type { Executor, StepReference } from "../ports/executor.ts";
import type { LogLine, LogWriter, ProgressListener } from "../ports/files.ts";
import type { FailureReason } from "../statuses.ts";
import type { ExecutionCallback } from "../ports/execution-callbacks.ts";
import { failureText } from "./failure-text.ts";
import { LastLines, storedLastLines } from "./last-lines.ts";
import type { JobTexts } from "./job-texts.ts";
import type { UnfinishedLine } from "./output-lines.ts";
import { endOfStep, reportText } from "./reported-end.ts";
import type { EngineParts } from "./request.ts";
import type { RunMasking } from "./run-masking.ts";
import { transferProgress } from "./transfer-progress.ts";
import type { SteadyClock } from "./steady-clock.ts";
import { StepRun, type StepOutcome } from "./step-run.ts";
import { storedOffsets } from "./stored-offsets.ts";

/** Between SIGTERM and SIGKILL. */
const STOP_GRACE_MS = 30_000;

/** How long an execution may be reported, beyond the time its job has. */
const LATE_REPORTS_MS = 3_600_000;

/** What an executor says of an execution that is no more. */
const LOST: ReadonlySet<string> = new Set(["EXECUTOR_LOST", "EXECUTOR_UNKNOWN"]);

export interface JobWorkerOptions {
  readonly runId: string;
  readonly job: JobState;
  readonly ports: EngineParts;
  /** The run's own: events and lines of output have their times from it. */
  readonly clock: SteadyClock;
  readonly texts: JobTexts;
  readonly masking: RunMasking;
  /** Resolves when the attempt before this one is cleared away; never rejects. */
  readonly earlierAttempt: Promise<void>;
  /** Something happened that the state machine must know. */
  readonly report: (input: Input) => void;
  readonly onOutput: (job: JobState, lines: readonly LogLine[]) => Promise<void>;
  /** A line that has not ended yet; not kept, not waited for. */
  readonly onUnfinished: (job: JobState, step: StepReference, line: UnfinishedLine) => void;
}

/** Carries out the commands for one attempt of one job and reports what came of them. It decides nothing. */
export class JobWorker {
  readonly #options: JobWorkerOptions;
  readonly #execution: string;
  readonly #timers = new Set<Timer>();
  #workspace: string | null = null;
  #log: LogWriter | null = null;
  #step: StepRun | null = null;
  #isSubmitting = false;
  #stopGraceMs = STOP_GRACE_MS;
  #logFailure: unknown = null;
  /** The command under way whose outcome will be reported. */
  #work: Promise<void> = Promise.resolve();
  /** The last command that changes files; it cannot be left in the middle. Never rejects. */
  #changing: Promise<void> = Promise.resolve();
  #closing: Promise<void> | null = null;
  #isLetGo = false;
  /** Resolves when the job has the secrets of its own. */
  #secrets: Promise<void> = Promise.resolve();
  /** Aborted when nothing of the execution need be known any more. */
  readonly #over = new AbortController();
  /** Makes the token of the execution be no secret any more. */
  #revealToken: () => void = () => undefined;

  constructor(execution: string, options: JobWorkerOptions) {
    this.#execution = execution;
    this.#options = options;
  }

  /** Resolves when the command is carried out; what it led to has been reported by then. */
  async execute(command: JobCommand): Promise<void> {
    switch (command.type) {
      case "prepare":
        return (this.#work = this.#changing = this.#prepare(command));
      case "reattach":
        return this.#reattach(command);
      case "run_step":
        return (this.#work = this.#runStep(command));
      case "save_artifacts":
        return (this.#work = this.#changing = this.#saveArtifacts());
      case "stop_step":
        return this.#stopStep();
      case "close":
        return this.close();
      case "retry_later":
        this.#after(command.delayMs, { type: "retry_due", job: this.#options.job.name, execution: this.#execution });
        return;
    }
  }

  /** @throws WaybillError where the attempt's executor is not to be had any more */
  get #executor(): Executor {
    return this.#options.ports.executors.named(this.#options.job.executor ?? "");
  }

  /** From now on nothing gets time to end by itself. */
  async kill(): Promise<void> {
    this.#stopGraceMs = 0;
    if (this.#step !== null || this.#isSubmitting) await this.#stopStep();
  }

  /** Ends whatever is under way at once, then closes. What comes of it need not be known any more. */
  async abort(): Promise<void> {
    if (this.#step !== null) await this.#executor.close(this.#execution).catch(() => undefined);
    // Work that goes on would make anew what is removed here.
    await this.#work;
    await this.close();
  }

  /**
   * Leaves everything to another process; a step that runs is not watched any more. On return nothing is written: what
   * was being made or cleared away is so to its end, as another process may begin the same at once.
   */
  async letGo(): Promise<void> {
    this.#isLetGo = true;
    this.#over.abort();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#closing ??= Promise.resolve();
    await Promise.allSettled([this.#changing, this.#closing]);
    await this.#log?.close();
    this.#log = null;
  }

  /**
   * Ends the execution and leaves nothing of it but its log. Each part is tried whatever became of the others: a log
   * that cannot be written must not leave a supervisor behind, which would keep our process alive.
   */
  close(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#over.abort();
    this.#closing ??= this.#clearAway().finally(() => this.#revealToken());
    return this.#closing;
  }

  async #clearAway(): Promise<void> {
    const { ports } = this.#options;
    try {
      await this.#log?.close();
    } finally {
      try {
        await ports.turns.next();
        await this.#executor.close(this.#execution);
      } finally {
        if (this.#workspace !== null) {
          await ports.turns.next();
          await ports.workspaces.remove(this.#workspace);
        }
      }
    }
  }

  /** A step that cannot be stopped in order must not outlast its time-out: it is ended with its execution. */
  async #stopStep(): Promise<void> {
    // It ends with an error, which is reported as the end of the preparation.
    if (this.#isSubmitting) return await this.#executor.close(this.#execution);
    try {
      await this.#step?.stop(this.#stopGraceMs);
    } catch (error) {
      await this.#executor.close(this.#execution);
      throw error;
    }
  }

  async #prepare({ attempt, again }: Extract<JobCommand, { readonly type: "prepare" }>): Promise<void> {
    const { runId, job, ports, texts } = this.#options;
    const about = { job: job.name, execution: this.#execution };
    this.#after(job.definition.timeout * 1000, { type: "deadline", scope: "job", ...about });
    // A log has one writer at a time.
    await this.#options.earlierAttempt;
    await ports.turns.next();
    try {
      await this.#receiveSecrets();
      // The workspace is made anew, which a place that was made for the one before would not see.
      if (again === true) await this.#executor.close(this.#execution);
      this.#workspace = await ports.workspaces.create(runId, job.name, attempt);
      const artifacts = texts.artifactsFor(job.definition);
      if (artifacts.length > 0)
        await ports.artifacts.restore(artifacts, this.#workspace, this.#tellTransfer("getting"));
      this.#isSubmitting = true;
      await ports.turns.next();
      const spec = {
        executionId: this.#execution,
        runId,
        jobName: job.name,
        attempt,
        workspace: this.#workspace,
        images: texts.images(job),
        place: job.definition.place,
        callback: await this.#callback(),
      };
      await this.#executor.submit(spec, (text) => void this.#note(text));
    } catch (error) {
      this.#isSubmitting = false;
      const failure = failureOf("setup_failed", error);
      return this.#options.report({ type: "prepare_failed", ...about, message: failureText(error), failure });
    }
    this.#isSubmitting = false;
    this.#options.report({ type: "prepared", ...about });
  }

  /** Null: the executor reports nothing, or nobody would hear it. */
  async #callback(): Promise<ExecutionCallback | null> {
    const { job, ports, masking } = this.#options;
    if (ports.callbacks === undefined || this.#executor.isReporting !== true) return null;
    const lifetimeMs = job.definition.timeout * 1000 + LATE_REPORTS_MS;
    const callback = await ports.callbacks.issue(this.#execution, lifetimeMs);
    // Whatever an executor says of its work, or a job finds out, does not get into a log with it.
    this.#revealToken = masking.hide(callback.token);
    return callback;
  }

  async #reattach(command: Extract<JobCommand, { readonly type: "reattach" }>): Promise<void> {
    const { runId, job, ports } = this.#options;
    this.#workspace = ports.workspaces.locate(runId, job.name, command.attempt);
    this.#secrets = this.#receiveSecrets();
    // Whoever waits for them fails of it.
    this.#secrets.catch(() => undefined);
    this.#after(command.timeoutMs, { type: "deadline", scope: "job", job: job.name, execution: this.#execution });
    await Promise.resolve();
  }

  /** Before anything is said of the job, or read that it prints: what it gets is kept out of both. */
  async #receiveSecrets(): Promise<void> {
    const { runId, job, ports, texts, masking } = this.#options;
    if (ports.gate?.guards(job.definition) !== true) return;
    const secrets = await ports.gate.secretsOf({ runId, job: job.definition });
    masking.add(secrets);
    texts.giveSecrets(job.name, secrets);
  }

  async #runStep(command: Extract<JobCommand, { readonly type: "run_step" }>): Promise<void> {
    const { job, clock } = this.#options;
    const about = { job: job.name, execution: this.#execution, step: command.step, attempt: command.attempt };
    const lastLines = new LastLines();
    const reference = { index: command.step, attempt: command.attempt };
    let isEnded = false;
    const step = new StepRun(this.#executor, clock, this.#execution, this.#options.masking, {
      lines: async (lines) => {
        // Of a step that was reported to be over while its executor still waits for a word of it.
        if (isEnded) throw new WaybillError("INTERNAL", { detail: "output of a step that has ended" });
        lastLines.add(lines);
        await this.#keep(lines);
      },
      unfinished: (line) => this.#options.onUnfinished(job, reference, line),
    });
    this.#step = step;
    const timeoutMs = command.earlier === undefined ? command.timeoutMs : await this.#timeLeft(command);
    const deadline = this.#after(timeoutMs, { type: "deadline", scope: "step", ...about });
    const outcome = classified(await this.#endOf(step, command, lastLines), lastLines);
    isEnded = true;
    this.#cancel(deadline);
    if (this.#step === step) this.#step = null;
    this.#options.report({ type: "step_ended", ...about, outcome });
  }

  /** As the executor tells it or, where it does not know the execution any more, as it was reported. */
  async #endOf(
    step: StepRun,
    command: Extract<JobCommand, { readonly type: "run_step" }>,
    lastLines: LastLines,
  ): Promise<StepOutcome> {
    const { job, ports } = this.#options;
    const own = this.#outcomeOf(step, command, lastLines);
    if (ports.callbacks === undefined || !this.#isReporting()) return await own;
    const { outcome, report } = await endOfStep(ports.callbacks, this.#executor, ports.clock, this.#execution, {
      own,
      isLast: command.step === job.definition.steps.length - 1,
      // An earlier process of ours may have started it.
      mayHaveBegun: () => command.earlier !== undefined || step.isStarted,
      signal: this.#over.signal,
    });
    if (report !== null) {
      const text = `The place the job ran in is gone; ${reportText(report)}`;
      await this.#note(text, { index: command.step, attempt: command.attempt });
    }
    return outcome;
  }

  #isReporting(): boolean {
    try {
      return this.#executor.isReporting === true;
    } catch {
      // It is not to be had any more, as the step will say.
      return false;
    }
  }

  async #outcomeOf(
    step: StepRun,
    command: Extract<JobCommand, { readonly type: "run_step" }>,
    lastLines: LastLines,
  ): Promise<StepOutcome> {
    const { job, ports, texts, clock } = this.#options;
    try {
      await this.#secrets;
      const workspacePath = this.#executor.workspacePath(this.#workspace ?? "");
      const spec = texts.step(job, { index: command.step, attempt: command.attempt }, workspacePath);
      if (command.earlier === undefined) return await step.run(spec);
      const { runId } = this.#options;
      const isOfStep = (line: LogLine): boolean => {
        // No line that comes now is older than those that are there.
        clock.notBefore(line.time);
        const isOfAttempt = line.step === spec.index && line.attempt === spec.attempt;
        return isOfAttempt && line.time >= (command.earlier?.since ?? 0);
      };
      lastLines.add(await storedLastLines(ports.logs, runId, job.name, isOfStep));
      return await step.resume(spec, await storedOffsets(ports.logs, runId, job.name, isOfStep));
    } catch (error) {
      const reason = this.#reasonOf(error);
      return { kind: "error", reason, message: failureText(error), failure: failureOf(reason, error) };
    }
  }

  /**
   * A step that ended while nobody looked was in time, and one that was asked for and never began has its whole time
   * before it; one that runs on has what is left.
   */
  async #timeLeft(command: Extract<JobCommand, { readonly type: "run_step" }>): Promise<number> {
    const { job } = this.#options;
    const { state } = await this.#executor.status(this.#execution);
    return state === "running" ? command.timeoutMs : (job.definition.steps[command.step]?.timeout ?? 0) * 1000;
  }

  #reasonOf(error: unknown): EngineReason {
    if (error === this.#logFailure) return "log_failed";
    const isLost = error instanceof WaybillError && LOST.has(error.code);
    return isLost ? "execution_lost" : "setup_failed";
  }

  /**
   * Resolves when the lines can be read and listeners have them: so the next piece of output is read, and the memory a
   * job takes does not grow with what it prints, nor with a disk or a listener that is slower than it.
   */
  async #keep(lines: readonly LogLine[]): Promise<void> {
    const { runId, job, ports } = this.#options;
    // Ends the watching of the step. What comes of it is reported to nobody.
    if (this.#isLetGo) throw new WaybillError("INTERNAL", { detail: "output of a job that was let go" });
    try {
      this.#log ??= ports.logs.write(runId, job.name);
      this.#log.append(lines);
      await this.#log.flush();
    } catch (error) {
      // The job fails of it; closing the log is not to say it again.
      await this.#log?.close().catch(() => undefined);
      this.#log = null;
      this.#logFailure = error;
      throw error;
    }
    await this.#options.onOutput(job, lines);
  }

  /** A line of the executor's own. Where it cannot be kept, the next line of the job says so. */
  async #note(message: string, { index: step, attempt }: StepReference = FIRST_STEP): Promise<void> {
    const time = this.#options.ports.clock.now();
    const text = this.#options.masking.text(message.replaceAll(/\s*[\r\n]+\s*/g, " "));
    const line: LogLine = { time, stream: "system", step, attempt, sourceOffset: 0, text };
    await this.#keep([line]).catch(() => undefined);
  }

  async #saveArtifacts(): Promise<void> {
    const { runId, job, ports, texts } = this.#options;
    const about = { job: job.name, execution: this.#execution };
    const workspace = this.#workspace ?? "";
    try {
      await this.#secrets;
      const wanted = texts.artifacts(job, this.#executor.workspacePath(workspace));
      const onProgress = this.#tellTransfer("keeping");
      const artifacts = await ports.artifacts.save({ runId, jobName: job.name, workspace, ...wanted, onProgress });
      this.#options.report({ type: "artifacts_saved", ...about, artifacts });
    } catch (error) {
      const failure = failureOf("artifacts_failed", error);
      this.#options.report({ type: "artifacts_failed", ...about, message: failureText(error), failure });
    }
  }

  /** Shown, but not kept: how fast files were copied once is nothing to look up later. */
  #tellTransfer(verb: string): ProgressListener {
    const { job, clock, onOutput } = this.#options;
    return transferProgress(clock, verb, (time, text) => {
      const step = Math.max(job.definition.steps.length - 1, 0);
      void onOutput(job, [{ time, stream: "system", step, attempt: 1, sourceOffset: 0, text }]);
    });
  }

  #after(delayMs: number, input: Input): Timer {
    // A time-out nobody waits for would keep the process alive.
    if (this.#isLetGo) return { cancel: () => undefined };
    const timer = this.#options.clock.setTimer(delayMs, () => {
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

const FIRST_STEP: StepReference = { index: 0, attempt: 1 };

type EngineReason = Exclude<FailureReason, "step_failed">;

function failureOf(reason: EngineReason, error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return classifyEngineFailure(reason, message, error instanceof WaybillError ? error.code : null);
}

/** Says what a failure is of while its last lines are at hand. */
function classified(outcome: StepOutcome, lastLines: LastLines): StepEnded["outcome"] {
  if (outcome.kind === "error") return outcome;
  const { outOfMemory, ...exited } = outcome;
  const { exitCode, signal } = exited;
  if (exitCode === 0) return exited;
  const failure = classifyFailure({ exitCode, signal, timedOut: false, outOfMemory, lines: lastLines.get() });
  return { ...exited, failure };
}
