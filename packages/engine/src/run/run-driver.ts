import { CircuitBreakers, WaybillError, type Timer } from "@waybill/core";
import { applyInput } from "../machine/apply-input.ts";
import { endCause } from "../machine/end-cause.ts";
import { isOnlyHeld } from "../machine/holds.ts";
import type { Command, Input, JobCommand } from "../machine/inputs.ts";
import type { RestoredRun } from "../machine/restore-run-state.ts";
import type { JobState, RunState } from "../machine/run-state.ts";
import { Transition, type MachineServices } from "../machine/transition.ts";
import type { StepReference } from "../ports/executor.ts";
import type { LogLine } from "../ports/files.ts";
import type { GateAnswer } from "../ports/job-gate.ts";
import type { RunChange, RunRecord } from "../ports/run-store.ts";
import { isSettled } from "../statuses.ts";
import { BreakerHealth } from "./breaker-health.ts";
import { JobTexts } from "./job-texts.ts";
import { JobWorker } from "./job-worker.ts";
import { Notices } from "./notices.ts";
import type { UnfinishedLine } from "./output-lines.ts";
import { SteadyClock } from "./steady-clock.ts";
import type { EngineParts, NoticeListener, RunResult, RunVariables, UnfinishedListener } from "./request.ts";
import type { RunMasking } from "./run-masking.ts";

/** How often the store is asked whether somebody wants the run to end. */
const CANCEL_WATCH_MS = 500;
/** As often, where nothing of the run goes on; and how often held jobs are asked for again, woken or not. */
const HELD_WATCH_MS = 2_000;

/**
 * Drives one run: inputs go through the state machine, what follows is stored, then told to listeners, then carried
 * out; in this order, so that nothing is done or said that a crash could forget.
 *
 * Inputs that arrive in the same turn of the event loop share one transition and with it one transaction: under load
 * the price of a durable commit is divided among the jobs that moved.
 */
export class RunDriver {
  readonly #ports: EngineParts;
  readonly #record: RunRecord;
  readonly #state: RunState;
  readonly #texts: JobTexts;
  readonly #masking: RunMasking;
  readonly #clock: SteadyClock;
  readonly #services: MachineServices;
  readonly #health: BreakerHealth;
  /** By job name. */
  readonly #workers = new Map<string, JobWorker>();
  readonly #closing = new Set<Promise<void>>();
  readonly #warnings: string[] = [];
  readonly #unfinishedListeners = new Set<UnfinishedListener>();
  readonly #notices = new Notices((error) => this.#warn(error));
  readonly #finished = Promise.withResolvers<RunResult>();
  readonly #inputs: Input[] = [];
  /** What was under way before this process took the run up. */
  #resumed: readonly Command[] = [];
  #draining = false;
  /** Resolves when no transition is under way. */
  #drained = Promise.resolve();
  #deadline: Timer | null = null;
  /** When the run's time is over, by the monotonic clock; while nothing but holds is waited for, what was left of it. */
  #deadlineAt = 0;
  #isHeld = false;
  #heldLookAt = 0;
  #cancelWatch: Timer | null = null;
  #over = false;
  #isCleared = true;
  #killed = false;

  /** @param lastSeen when the run was last heard of, in milliseconds since the epoch */
  constructor(
    ports: EngineParts,
    record: RunRecord,
    state: RunState,
    request: RunVariables,
    masking: RunMasking,
    lastSeen: number,
  ) {
    this.#clock = new SteadyClock(ports.clock, lastSeen);
    this.#ports = ports;
    this.#record = record;
    this.#state = state;
    this.#texts = new JobTexts(state, request, record.number);
    this.#health = new BreakerHealth(ports.breakers ?? new CircuitBreakers(ports.clock));
    this.#masking = masking;
    this.#services = {
      ids: ports.ids,
      random: ports.random,
      chooseExecutor: (job) => ports.executors.choose(job.definition),
      health: this.#health,
      conditionHolds: (job) => this.#texts.conditionHolds(job),
      isGuarded: (job) => ports.gate?.guards(job.definition) ?? false,
    };
    // Whoever started the run learns of its failure from `finished`, also when they look at it late.
    this.#finished.promise.catch(() => undefined);
  }

  /** Whether nothing was left behind; known once it has finished. */
  get isCleared(): boolean {
    return this.#isCleared;
  }

  get finished(): Promise<RunResult> {
    return this.#finished.promise;
  }

  /** Whether the run waits for nothing but what holds its jobs. */
  get isHeld(): boolean {
    return this.#isHeld && !this.#over;
  }

  /** What holds jobs may have changed. */
  wake(): void {
    this.#report({ type: "look_again" });
  }

  subscribe(listener: NoticeListener): () => void {
    return this.#notices.subscribe(listener);
  }

  subscribeUnfinished(listener: UnfinishedListener): () => void {
    this.#unfinishedListeners.add(listener);
    return () => void this.#unfinishedListeners.delete(listener);
  }

  /** Begins in the next turn of the event loop, so that listeners who subscribe now miss nothing. */
  start(): void {
    this.#begin({ type: "start", number: this.#record.number }, this.#state.definition.timeout * 1000);
  }

  /** As `start`, for a run that an earlier process began. `state` is the one this driver was made with. */
  resume(restored: RestoredRun): void {
    this.#texts.recall(restored.begun);
    this.#resumed = restored.commands;
    this.#begin(restored.input, restored.timeoutMs);
  }

  #begin(input: Input, timeoutMs: number): void {
    this.#setDeadline(timeoutMs);
    this.#report(input);
    this.#watchForCancel();
  }

  #setDeadline(timeoutMs: number): void {
    this.#deadlineAt = this.#clock.monotonic() + timeoutMs;
    this.#deadline = this.#clock.setTimer(timeoutMs, () => this.#report({ type: "deadline", scope: "run" }));
  }

  /** People take longer than any time-out: it stands still where there is nobody else to wait for. */
  #followHolds(): void {
    const isHeld = isOnlyHeld(this.#state);
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    if (isHeld) {
      this.#deadline?.cancel();
      this.#deadlineAt -= this.#clock.monotonic();
    } else if (!isSettled(this.#state.status)) {
      this.#setDeadline(Math.max(0, this.#deadlineAt));
    }
  }

  /** Another process may ask for the end of the run: a command, or the server's user. */
  #watchForCancel(): void {
    const delayMs = this.#isHeld ? HELD_WATCH_MS : CANCEL_WATCH_MS;
    this.#cancelWatch = this.#clock.setTimer(delayMs, () => void this.#lookForCancel());
  }

  async #lookForCancel(): Promise<void> {
    // A store that cannot be read now is read again later, and a commit that fails says why.
    const isRequested = await this.#ports.store.isCancelRequested(this.#record.id).catch(() => false);
    if (this.#over) return;
    if (isRequested) return this.cancel("user");
    if (this.#ports.gate !== undefined && this.#clock.monotonic() >= this.#heldLookAt) {
      this.#heldLookAt = this.#clock.monotonic() + HELD_WATCH_MS;
      this.wake();
    }
    this.#watchForCancel();
  }

  cancel(reason: "user" | "superseded"): void {
    this.#report({ type: "end", cause: endCause(reason, this.#state.definition) });
  }

  /** As `cancel("user")`, but nothing gets time to end by itself, nor to read what was printed. */
  kill(): void {
    if (this.#over) return;
    this.#killed = true;
    this.#notices.release();
    this.cancel("user");
    for (const worker of this.#workers.values()) void this.#guard(worker.kill());
  }

  /**
   * Another process may drive the run now: everything is left to it as it is, running steps and files included.
   *
   * @param error what `finished` rejects with
   */
  letGo(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#deadline?.cancel();
    this.#cancelWatch?.cancel();
    this.#notices.close();
    const letGo = Array.from(this.#workers.values(), (worker) => this.#guard(worker.letGo()));
    // What is under way is ours: whoever comes next must find it done.
    void Promise.all([...letGo, ...this.#closing, this.#drained]).then(() => this.#finished.reject(error));
  }

  #report(input: Input): void {
    if (this.#over) return;
    this.#inputs.push(input);
    if (this.#draining) return;
    this.#draining = true;
    this.#drained = new Promise((resolve) => setImmediate(() => void this.#drain().then(resolve)));
  }

  async #drain(): Promise<void> {
    try {
      while (this.#inputs.length > 0 && !this.#over) {
        const transition = new Transition(this.#state, this.#clock.now(), this.#services);
        for (const input of this.#inputs.splice(0)) applyInput(transition, input);
        const change = this.#masking.change(transition.change());
        if (!isEmpty(change)) await this.#ports.store.commit(this.#record.id, change);
        // Let go of meanwhile: what follows is done by whoever takes the run up.
        if (this.#over) return;
        void this.#notices.tell(change.events);
        const resumed = this.#resumed;
        this.#resumed = [];
        this.#followHolds();
        for (const command of [...resumed, ...transition.commands]) this.#dispatch(command);
        if (isSettled(this.#state.status)) await this.#finish(change);
      }
    } catch (error) {
      if (error instanceof WaybillError && error.code === "STORE_CLAIM_LOST") this.letGo(error);
      else await this.#fail(error);
    } finally {
      this.#draining = false;
    }
  }

  #dispatch(command: Command): void {
    if (command.type === "ask_gate") return void this.#askGate(command.job);
    const worker = this.#workerFor(command);
    if (command.type !== "close") return void this.#guard(worker.execute(command));
    // As it is now: a job that waits to be tried again may be over before its place is cleared away, and its worker still
    // has the timer.
    const isLast = this.#state.jobs.get(command.job)?.phase === "done";
    const closed = this.#clear(worker.execute(command)).finally(() => {
      this.#closing.delete(closed);
      if (isLast) this.#workers.delete(command.job);
    });
    this.#closing.add(closed);
  }

  async #askGate(name: string): Promise<void> {
    const job = this.#state.jobs.get(name) as JobState;
    let answer: GateAnswer = { verdict: "go", message: "" };
    try {
      answer = (await this.#ports.gate?.ask({ runId: this.#record.id, job: job.definition })) ?? answer;
    } catch (error) {
      // Asked again in a moment: what cannot be answered now lets nobody through, and ends nothing either.
      const why = error instanceof Error ? error.message : String(error);
      const remedy = error instanceof WaybillError ? error.remedy : "";
      answer = { verdict: "hold", message: `waiting: whether it may begin cannot be told: ${why}`, remedy };
    }
    this.#report({ type: "gate_answered", job: name, answer });
  }

  /** A job has one worker at a time: `prepare` opens the next attempt, with a worker of its own. */
  #workerFor(command: JobCommand): JobWorker {
    const known = this.#workers.get(command.job);
    if (known !== undefined && command.type !== "prepare") return known;
    const worker = new JobWorker(command.execution, {
      runId: this.#record.id,
      job: this.#state.jobs.get(command.job) as JobState,
      ports: this.#ports,
      clock: this.#clock,
      texts: this.#texts,
      masking: this.#masking,
      // What could not be cleared away was told when it failed.
      earlierAttempt: known?.close().catch(() => undefined) ?? Promise.resolve(),
      report: (input) => this.#report(input),
      onOutput: (job, lines) => this.#tellOutput(job, lines),
      onUnfinished: (job, step, line) => this.#tellUnfinished(job, step, line),
    });
    this.#workers.set(command.job, worker);
    if (this.#killed) void this.#guard(worker.kill());
    return worker;
  }

  /** What goes wrong while cleaning up must not undo what the run has achieved; it is told at the end. */
  async #guard(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#warn(error);
    }
  }

  /** As `#guard`, for what would stay for ever if nobody tried again. */
  async #clear(work: Promise<void>): Promise<void> {
    await this.#guard(
      work.catch((error: unknown) => {
        this.#isCleared = false;
        throw error;
      }),
    );
  }

  #warn(error: unknown): void {
    this.#warnings.push(this.#masking.text(error instanceof Error ? error.message : String(error)));
  }

  /** Resolves when the listeners have caught up. */
  async #tellOutput(job: JobState, lines: readonly LogLine[]): Promise<void> {
    await this.#notices.tell(
      lines.map(({ time, step, attempt, stream, text }) => ({
        time,
        output: { job: job.name, step: job.definition.steps[step]?.name ?? "", attempt, stream, line: text },
      })),
    );
  }

  #tellUnfinished(job: JobState, { index, attempt }: StepReference, { stream, text }: UnfinishedLine): void {
    if (this.#over || this.#unfinishedListeners.size === 0) return;
    const step = job.definition.steps[index]?.name ?? "";
    for (const listener of this.#unfinishedListeners) listener({ job: job.name, step, attempt, stream, line: text });
  }

  async #finish(change: RunChange): Promise<void> {
    const last = change.events.at(-1)?.event;
    if (last?.type !== "run.finished") return;
    this.#over = true;
    this.#health.close();
    this.#deadline?.cancel();
    this.#cancelWatch?.cancel();
    await Promise.all(this.#closing);
    await this.#clear(this.#ports.workspaces.removeRun(this.#record.id));
    await this.#notices.allTold();
    this.#finished.resolve({
      id: this.#record.id,
      number: this.#record.number,
      status: last.status,
      reason: last.reason,
      durationMs: last.duration_ms,
      jobs: last.jobs,
      warnings: this.#warnings,
    });
  }

  /** The store refused, or there is a defect: what runs is ended at once, so that nothing goes on unrecorded. */
  async #fail(error: unknown): Promise<void> {
    this.#over = true;
    this.#health.close();
    this.#deadline?.cancel();
    this.#cancelWatch?.cancel();
    this.#notices.close();
    const aborted = Array.from(this.#workers.values(), (worker) => this.#guard(worker.abort()));
    await Promise.all([...aborted, ...this.#closing]);
    await this.#clear(this.#ports.workspaces.removeRun(this.#record.id));
    this.#finished.reject(
      error instanceof WaybillError
        ? error
        : new WaybillError(
            "INTERNAL",
            { detail: error instanceof Error ? error.message : String(error) },
            { cause: error },
          ),
    );
  }
}

function isEmpty(change: RunChange): boolean {
  return (
    change.run === undefined &&
    change.events.length +
      change.jobs.length +
      change.steps.length +
      change.executions.length +
      change.artifacts.length ===
      0
  );
}
