import type { JobStatus, RunStatus, UnfinishedCounts } from "@waybill/engine";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { FailureRate } from "./failure-rate.ts";
import { NameLimit } from "./name-limit.ts";

type Settled = Extract<JobStatus & RunStatus, "success" | "failed" | "cancelled">;

export interface JobLabels {
  readonly pipeline: string;
  readonly job: string;
}

const REQUEST_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const STORE_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5];
const WAIT_BUCKETS = [0.05, 0.25, 1, 5, 15, 60, 300, 900, 3600];
const WORK_BUCKETS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

/** Pairs of a pipeline and a job that have labels of their own; what comes behind is counted together. */
const MAX_JOB_NAMES = 200;

/** The only pool there is: every server takes any run. */
const POOL = { worker_pool: "default" };

/**
 * What Prometheus reads. Names that specifications give are kept to the letter, with both names of what has two.
 * Others begin with `waybill_`. No label takes more values than there are routes, statuses or executors, but for the
 * names of pipelines and jobs, which are limited in number.
 */
export class ServerMetrics {
  readonly #registry = new Registry();
  readonly #names = new NameLimit(MAX_JOB_NAMES);
  readonly #failures: FailureRate;
  readonly #counts: () => Promise<UnfinishedCounts>;

  readonly #requests = this.#histogram(
    "http_request_duration_seconds",
    "Time from a request to the end of its answer.",
    {
      labelNames: ["method", "route", "status"],
      buckets: REQUEST_BUCKETS,
    },
  );
  readonly #store = this.#histogram("waybill_store_operation_seconds", "Time the store took.", {
    labelNames: ["operation", "outcome"],
    buckets: STORE_BUCKETS,
  });
  readonly #runsStarted = this.#counter("pipelines_started_total", "Runs that this server began to drive anew.", []);
  readonly #runsFinished = this.#counter("waybill_runs_finished_total", "Runs that ended here.", ["status"]);
  readonly #queueWait = this.#histogram("waybill_run_queue_wait_seconds", "Time a run waited before it began.", {
    labelNames: [],
    buckets: WAIT_BUCKETS,
  });
  readonly #jobDuration = this.#histogram("pipeline_job_duration_seconds", "Time a job took, with its retries.", {
    labelNames: ["pipeline", "job", "status"],
    buckets: WORK_BUCKETS,
  });
  readonly #jobDurationByName = this.#histogram("job_duration_seconds", "As pipeline_job_duration_seconds.", {
    labelNames: ["job_name", "pipeline_name"],
    buckets: WORK_BUCKETS,
  });
  readonly #allJobsDuration = this.#histogram("job_execution_duration_seconds", "Time jobs took, all together.", {
    labelNames: [],
    buckets: WORK_BUCKETS,
  });
  readonly #jobs = this.#counter("jobs_total", "Jobs that ended here.", ["status", "job_name"]);
  readonly #activeJobs = this.#gauge("active_jobs", "Jobs that run now, driven by this server.", ["job_name"]);
  readonly #running = this.#gauge("concurrent_jobs_running", "As active_jobs, all together.", []);
  readonly #steps = this.#histogram("waybill_step_duration_seconds", "Time a step took on its executor.", {
    labelNames: ["executor", "status"],
    buckets: WORK_BUCKETS,
  });
  readonly #beginning = this.#histogram(
    "waybill_executor_start_seconds",
    "Time from a job's start to its first step's: files, artifacts, the executor itself.",
    { labelNames: ["executor"], buckets: REQUEST_BUCKETS },
  );
  readonly #transfers = this.#counter("artifact_transfer_bytes_total", "Bytes of artifacts that were moved.", [
    "source",
    "destination",
    "status",
  ]);

  readonly #queueDepth = this.#gauge("pipeline_queue_depth", "Jobs that wait.", ["worker_pool"]);
  readonly #queueLength = this.#gauge("waybill_run_queue_length", "Runs that wait.", []);
  readonly #unfinishedRuns = this.#gauge("waybill_runs", "Runs in the store that have not ended.", ["status"]);
  readonly #jobsOfThem = this.#gauge("waybill_jobs", "Jobs of runs that have not ended.", ["status"]);

  /**
   * @param counts what the store has
   * @param driven number of runs that this server drives
   * @param now in milliseconds
   */
  constructor(counts: () => Promise<UnfinishedCounts>, driven: () => number, now: () => number) {
    this.#counts = counts;
    this.#failures = new FailureRate(now);
    collectDefaultMetrics({ register: this.#registry });
    this.#running.set(0);
    this.#computed("waybill_runs_driven", "Runs that this server drives.", (gauge) => gauge.set(driven()));
    this.#computed("job_failure_rate", "Percent of the jobs that ended here in the last hour that failed.", (gauge) =>
      gauge.set(this.#failures.percent()),
    );
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** In the text format of Prometheus. @throws WaybillError where the store does not answer */
  async render(): Promise<string> {
    const { runs, jobs } = await this.#counts();
    this.#queueLength.set(runs.pending);
    this.#queueDepth.set(POOL, jobs.pending);
    for (const [status, number] of Object.entries(runs)) this.#unfinishedRuns.set({ status }, number);
    for (const [status, number] of Object.entries(jobs)) this.#jobsOfThem.set({ status }, number);
    return await this.#registry.metrics();
  }

  /** @param route as it is declared, so without ids */
  request(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe({ method, route, status: String(status) }, seconds);
  }

  stored(operation: string, outcome: "ok" | "error", seconds: number): void {
    this.#store.observe({ operation, outcome }, seconds);
  }

  runStarted(waitedSeconds: number): void {
    this.#runsStarted.inc();
    this.#queueWait.observe(waitedSeconds);
  }

  runFinished(status: Settled): void {
    this.#runsFinished.inc({ status });
  }

  /** @returns to be called when the job no longer runs here, whatever became of it */
  jobRuns({ pipeline, job }: JobLabels): () => void {
    const labels = { job_name: this.#names.of(pipeline, job).job };
    this.#activeJobs.inc(labels);
    this.#running.inc();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#activeJobs.dec(labels);
      this.#running.dec();
    };
  }

  /** @param seconds null: it was never started */
  jobFinished(labels: JobLabels, status: Settled, seconds: number | null): void {
    const { pipeline, job } = this.#names.of(labels.pipeline, labels.job);
    this.#jobs.inc({ status, job_name: job });
    if (seconds === null) return;
    this.#jobDuration.observe({ pipeline, job, status }, seconds);
    this.#jobDurationByName.observe({ job_name: job, pipeline_name: pipeline }, seconds);
    this.#allJobsDuration.observe(seconds);
    this.#failures.add(status === "failed");
  }

  executorStarted(executor: string, seconds: number): void {
    this.#beginning.observe({ executor }, seconds);
  }

  stepFinished(executor: string, status: Settled, seconds: number): void {
    this.#steps.observe({ executor, status }, seconds);
  }

  transferred(source: string, destination: string, status: "success" | "failed", bytes: number): void {
    this.#transfers.inc({ source, destination, status }, bytes);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram<Label extends string>(
    name: string,
    help: string,
    { labelNames, buckets }: { readonly labelNames: readonly Label[]; readonly buckets: number[] },
  ): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.#registry] });
  }

  #computed(name: string, help: string, compute: (gauge: Gauge) => void): void {
    const registers = [this.#registry];
    // Called by the library as a method of the gauge.
    const collect = function (this: Gauge): void {
      compute(this);
    };
    void new Gauge({ name, help, registers, collect });
  }
}
