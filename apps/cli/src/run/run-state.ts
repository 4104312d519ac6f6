import type {
  EngineNotice,
  FailureFields,
  JobResult,
  JobStatus,
  OutputLine,
  Reason,
  RunEvent,
  RunStatus,
} from "@waybill/engine";

/** Lines of a failed step that the summary repeats. */
const KEPT_LINES = 20;

export interface JobState {
  readonly name: string;
  status: JobStatus;
  reason: Reason | null;
  message: string;
  attempt: number;
  /** Milliseconds since the epoch; null: not started. */
  startedAt: number | null;
  durationMs: number | null;
  step: string | null;
  /** The last lines of the step that runs, newest last. */
  lines: OutputLine[];
  /** What stands behind them on a line that has not ended yet: a progress bar. Empty: nothing. */
  unfinished: string;
  failure: StepFailure | null;
  /** What its last failure is of, and why it was not tried again; empty: it has not failed, or nothing tells. */
  verdict: FailureFields;
  /** Of the last attempt. */
  executor: string;
}

export interface StepFailure {
  readonly step: string;
  readonly lines: readonly OutputLine[];
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export interface RunOutcome {
  readonly status: Extract<RunStatus, "success" | "failed" | "cancelled">;
  readonly reason: Reason | null;
  readonly durationMs: number;
}

/**
 * A run as a person sees it, folded from notices. What the live view and the summary draw.
 * Memory is bounded by the jobs that run and those that failed, not by what they print.
 */
export class RunState {
  pipeline = "";
  number = 0;
  startedAt: number | null = null;
  outcome: RunOutcome | null = null;
  /** In the order of the run's start. */
  readonly jobs = new Map<string, JobState>();

  apply(notice: EngineNotice): void {
    if ("event" in notice) this.#event(notice.event, notice.time);
    else this.#output(notice.output);
  }

  /** A line that is still being written; the next one, whole or not, takes its place. */
  applyUnfinished({ job: name, line }: OutputLine): void {
    const job = this.#job(name);
    if (job.status === "running") job.unfinished = line;
  }

  #event(event: RunEvent, time: number): void {
    switch (event.type) {
      case "run.started":
        this.pipeline = event.pipeline;
        this.number = event.number;
        this.startedAt = time;
        for (const job of event.jobs) this.#job(job);
        return;
      case "run.resumed":
        return;
      case "job.held": {
        const job = this.#job(event.job);
        job.reason = "held";
        job.message = event.message;
        return;
      }
      case "job.released": {
        const job = this.#job(event.job);
        job.reason = null;
        job.message = "";
        return;
      }
      case "job.started": {
        const job = this.#job(event.job);
        job.status = "running";
        job.attempt = event.attempt;
        job.executor = event.executor;
        job.startedAt ??= time;
        job.failure = null;
        return;
      }
      case "job.retry": {
        // A step that is tried again goes on in its job; only a whole attempt of the job makes it wait.
        if (event.step !== null) return;
        const job = this.#job(event.job);
        job.status = "retry";
        job.step = null;
        job.message = event.message;
        return;
      }
      case "step.started": {
        const job = this.#job(event.job);
        job.step = event.step;
        job.lines = [];
        job.unfinished = "";
        return;
      }
      case "step.finished": {
        const job = this.#job(event.job);
        const { step, exit_code: exitCode, signal } = event;
        if (event.status !== "success") job.failure = { step, lines: job.lines, exitCode, signal };
        job.lines = [];
        job.unfinished = "";
        return;
      }
      case "job.finished":
        this.#finish(event.job, event);
        this.#job(event.job).verdict = event;
        return;
      case "run.finished":
        this.outcome = { status: event.status, reason: event.reason, durationMs: event.duration_ms };
        for (const [name, result] of Object.entries(event.jobs)) this.#finish(name, result);
        return;
      default:
        // A newer engine may tell more than this view shows.
        event satisfies never;
    }
  }

  #output(output: OutputLine): void {
    const job = this.#job(output.job);
    const { lines } = job;
    job.unfinished = "";
    lines.push(output);
    // Trimmed in batches: shifting an array at every line would move it at every line.
    if (lines.length >= 2 * KEPT_LINES) lines.splice(0, lines.length - KEPT_LINES);
  }

  #finish(name: string, result: JobResult): void {
    const job = this.#job(name);
    job.status = result.status;
    job.reason = result.reason;
    job.message = result.message;
    job.attempt = result.attempts;
    job.durationMs = result.duration_ms;
    job.step = null;
    job.lines = [];
    job.unfinished = "";
    // A step that failed and was allowed to, or failed in an earlier attempt, is no news at the end.
    if (result.status === "success") job.failure = null;
  }

  #job(name: string): JobState {
    let job = this.jobs.get(name);
    if (job === undefined) {
      job = {
        name,
        status: "pending",
        reason: null,
        message: "",
        attempt: 0,
        startedAt: null,
        durationMs: null,
        step: null,
        lines: [],
        unfinished: "",
        failure: null,
        verdict: {},
        executor: "",
      };
      this.jobs.set(name, job);
    }
    return job;
  }
}

/** The lines of a failed step to show: at most the last 20. */
export function lastLines(failure: StepFailure): readonly OutputLine[] {
  return failure.lines.slice(-KEPT_LINES);
}
