import {
  stageType,
  type EngineNotice,
  type JobRecord,
  type ResumedRun,
  type RunEvent,
  type RunRecord,
} from "@waybill/engine";
import type { Fields, ServerLog } from "../server-log.ts";
import type { Correlation } from "./correlation.ts";
import type { ServerMetrics } from "./metrics.ts";
import { RunTimes } from "./run-times.ts";
import type { RunTracer } from "./run-tracer.ts";

export interface RunObserverOptions {
  readonly log: ServerLog;
  readonly metrics: ServerMetrics;
  /** Null: nobody wants traces. */
  readonly tracer: RunTracer | null;
}

export interface ObservedRun {
  readonly run: RunRecord;
  readonly correlation: Correlation;
  readonly jobs: readonly JobRecord[];
  readonly handle: ResumedRun;
}

/** Tells operators of runs that this server drives: log, metrics and traces are all made of the events of a run. */
export class RunObserver {
  readonly #options: RunObserverOptions;

  constructor(options: RunObserverOptions) {
    this.#options = options;
  }

  /** To be called before the run goes on. */
  observe(observed: ObservedRun): void {
    const one = new OneRun(this.#options, observed);
    observed.handle.subscribe((notice) => one.tell(notice));
    // Also where the run is let go of, or cannot be carried on.
    const end = (): void => one.end();
    observed.handle.finished.then(end, end);
  }
}

class OneRun {
  readonly #options: RunObserverOptions;
  readonly #observed: ObservedRun;
  readonly #times: RunTimes;
  readonly #jobIds: ReadonlyMap<string, string>;
  /** By job: to be called when it runs no more. */
  readonly #active = new Map<string, () => void>();

  constructor(options: RunObserverOptions, observed: ObservedRun) {
    this.#options = options;
    this.#observed = observed;
    const { handle, jobs } = observed;
    this.#jobIds = new Map(jobs.map(({ name, id }) => [name, id]));
    this.#times = new RunTimes();
    for (const { time, event } of handle.history) this.#times.note(time, event);
    for (const job of jobs) if (job.status === "running") this.#runs(job.name);
  }

  tell(notice: EngineNotice): void {
    if (!("event" in notice)) return;
    const { time, event } = notice;
    this.#measure(time, event);
    this.#options.tracer?.tell(this.#observed, this.#jobIds, this.#times, time, event);
    this.#times.note(time, event);
    this.#log(event);
  }

  end(): void {
    for (const over of this.#active.values()) over();
  }

  #runs(job: string): void {
    this.#active.get(job)?.();
    this.#active.set(job, this.#options.metrics.jobRuns({ pipeline: this.#observed.run.pipelineName, job }));
  }

  #measure(time: number, event: RunEvent): void {
    const { metrics } = this.#options;
    const { run } = this.#observed;
    switch (event.type) {
      case "run.started":
        return metrics.runStarted(seconds(time - run.createdAt));
      case "job.started":
        return this.#runs(event.job);
      case "job.retry":
        if (event.step === null) this.#active.get(event.job)?.();
        return;
      case "step.started": {
        const since = this.#times.waitForFirstStep(event.job);
        if (since !== null) metrics.executorStarted(this.#times.executorOf(event.job), seconds(time - since));
        return;
      }
      case "step.finished":
        return metrics.stepFinished(this.#times.executorOf(event.job), event.status, seconds(event.duration_ms));
      case "job.finished":
        this.#active.get(event.job)?.();
        return metrics.jobFinished(
          { pipeline: run.pipelineName, job: event.job },
          event.status,
          event.attempts === 0 ? null : seconds(event.duration_ms),
        );
      case "run.finished":
        return metrics.runFinished(event.status);
      case "run.resumed":
      case "job.held":
      case "job.released":
        return;
    }
  }

  #log(event: RunEvent): void {
    const { log } = this.#options;
    const { run, correlation } = this.#observed;
    const about = { correlation_id: correlation.id, pipeline_run_id: run.id };
    switch (event.type) {
      case "run.started":
      case "run.resumed":
        log.info(event.type, { ...about, pipeline: event.pipeline, number: event.number, status: "running" });
        return;
      case "run.finished": {
        const { status, reason, duration_ms: duration } = event;
        log.info(event.type, { ...about, number: run.number, status, reason, duration: seconds(duration) });
        return;
      }
      case "job.started":
        log.info(event.type, { ...about, ...this.#job(event.job), status: "running", executor: event.executor });
        return;
      case "job.held":
      case "job.released":
        log.info(event.type, { ...about, ...this.#job(event.job), detail: event.message });
        return;
      case "job.finished": {
        const { status, reason, message, duration_ms: duration } = event;
        const fields = { ...about, ...this.#job(event.job), status, reason, duration: seconds(duration) };
        // A pipeline that fails is its author's matter: for the server all is well.
        log.info(event.type, { ...fields, ...(message === "" ? {} : { detail: message }) });
        return;
      }
      case "job.retry": {
        const { attempt, delay_ms: delay, reason } = event;
        const fields = { error_type: reason, retry_count: attempt, next_attempt: seconds(delay) };
        log.warn(event.type, { ...about, ...this.#job(event.job), step: event.step, ...fields });
        return;
      }
      case "step.started":
      case "step.finished": {
        const more = event.type === "step.finished" ? { status: event.status, exit_code: event.exit_code } : {};
        log.debug(event.type, { ...about, ...this.#job(event.job), step: event.step, attempt: event.attempt, ...more });
        return;
      }
    }
  }

  #job(name: string): Fields {
    return { job_id: this.#jobIds.get(name) ?? null, job_name: name, stage_type: stageType(name) };
  }
}

function seconds(milliseconds: number): number {
  return Math.max(0, milliseconds) / 1000;
}
