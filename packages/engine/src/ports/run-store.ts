import type { Alongside } from "@waybill/core";
import type { PipelineDefinition } from "@waybill/pipeline";
import type { RunEvent } from "../events.ts";
import type { JobStatus, Reason, RunStatus, StepStatus } from "../statuses.ts";
import type { RunOrigin, RunQueries } from "./run-queries.ts";

/** Runs on disk. Times are milliseconds since the epoch. */
export interface RunStore extends RunQueries {
  /** Stores the run with all its jobs and steps pending, in one transaction, and gives it the next number. */
  create(run: NewRun, alongside?: Alongside): Promise<RunRecord>;
  /**
   * One transition: the new state and the events that tell of it, in one transaction, durable on return.
   * The events get the next sequence numbers of their run, without a gap.
   */
  commit(runId: string, change: RunChange): Promise<void>;
  /** By id, unique id prefix (8 characters or more) or number. */
  find(reference: string): Promise<RunRecord | null>;
  /** Newest first. */
  list(limit: number): Promise<readonly RunRecord[]>;
  jobs(runId: string): Promise<readonly JobRecord[]>;
  steps(runId: string): Promise<readonly StepRecord[]>;
  /** The definition the run was created with; null: there is no such run. */
  definition(runId: string): Promise<PipelineDefinition | null>;
  /** By job and attempt. */
  executions(runId: string): Promise<readonly ExecutionRecord[]>;
  /** By job and name. */
  artifacts(runId: string): Promise<readonly ArtifactRecord[]>;
  /** `NewRun.parameterNames` of the run; empty: there is no such run. */
  parameterNames(runId: string): Promise<readonly string[]>;
  /** Events with a sequence number above `afterSeq`, in order. */
  events(runId: string, afterSeq: number, limit: number): Promise<readonly StoredEvent[]>;
  /**
   * Asks whoever drives the run to cancel it.
   *
   * @param alongside not stored where nothing changes
   * @returns false: it is over, or there is none
   */
  requestCancel(runId: string, at: number, alongside?: Alongside): Promise<boolean>;
  isCancelRequested(runId: string): Promise<boolean>;
  /**
   * Makes the caller the one process that drives the run; null: another one does. A claim ends with its process,
   * however that ends. The run need not be stored yet.
   */
  claim(runId: string): Promise<RunClaim | null>;
  /** Ids of runs whose claim was not released as over: they are driven now, or their process died. */
  claimed(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface RunClaim {
  /**
   * Aborted when this process has ceased to be the one that drives the run, with a `STORE_CLAIM_LOST` as the reason.
   * Its commits are refused from then on. It still releases the claim, when it has let go of the run.
   */
  readonly lost: AbortSignal;
  /** @param isOver the run has ended: nobody will claim it to any effect, and no trace of the claim need be kept */
  release(isOver: boolean): Promise<void>;
}

export interface NewRun {
  readonly id: string;
  readonly pipelineName: string;
  /** Path of the pipeline file as the user would write it. */
  readonly file: string;
  readonly trigger: string;
  readonly definition: PipelineDefinition;
  /** Names of the run's parameters. Their values may be secret and are not kept. */
  readonly parameterNames: readonly string[];
  /** Jobs that are part of this run, in definition order (all of them, or what `--job` needs). */
  readonly jobs: readonly NewJob[];
  readonly createdAt: number;
  /** Null: a run of a directory. */
  readonly origin: RunOrigin | null;
}

export interface NewJob {
  readonly id: string;
  readonly name: string;
  readonly steps: readonly { readonly id: string; readonly name: string }[];
  /** What an earlier run has made of this job: it is stored as settled, and does not run. */
  readonly reused?: ReusedJob | undefined;
}

/** A job that succeeded in an earlier run, as far as the jobs behind it see it. */
export interface ReusedJob {
  /** Where it is from, in words. */
  readonly message: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly artifacts: readonly Omit<ArtifactRecord, "jobId" | "createdAt">[];
}

export interface RunRecord {
  readonly id: string;
  /** Counts from 1 in this store. */
  readonly number: number;
  readonly pipelineName: string;
  readonly file: string;
  readonly trigger: string;
  readonly status: RunStatus;
  readonly reason: Reason | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** As in `RunOrigin`; null: a run of a directory. */
  readonly pipelineId: string | null;
  readonly gitRef: string | null;
  readonly gitSha: string | null;
  readonly concurrencyGroup: string | null;
  readonly rerunOf: string | null;
}

/** Those fields of the record of a run without an origin. */
export const NO_ORIGIN = { pipelineId: null, gitRef: null, gitSha: null, concurrencyGroup: null, rerunOf: null };

export interface JobRecord {
  readonly id: string;
  readonly name: string;
  readonly status: JobStatus;
  readonly reason: Reason | null;
  readonly message: string;
  readonly attempts: number;
  /** What the job's steps have handed on, by name. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

export interface StepRecord {
  readonly id: string;
  readonly jobId: string;
  readonly name: string;
  readonly position: number;
  readonly status: StepStatus;
  readonly exitCode: number | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

export interface RunChange {
  readonly run?: Partial<Pick<RunRecord, "status" | "reason" | "startedAt" | "finishedAt">>;
  readonly jobs: readonly ({ readonly id: string } & Partial<Omit<JobRecord, "id" | "name">>)[];
  readonly steps: readonly ({ readonly id: string } & Partial<
    Pick<StepRecord, "status" | "exitCode" | "startedAt" | "finishedAt">
  >)[];
  /** New ones. */
  readonly executions: readonly ExecutionRecord[];
  readonly artifacts: readonly ArtifactRecord[];
  readonly events: readonly { readonly time: number; readonly event: RunEvent }[];
}

/**
 * One submission to an executor. It is stored before `submit` is called, so a restart knows what may have been
 * submitted; submission is idempotent by this id, so it may simply be repeated.
 */
export interface ExecutionRecord {
  readonly id: string;
  readonly jobId: string;
  readonly attempt: number;
  readonly executor: string;
}

export interface ArtifactRecord {
  readonly id: string;
  readonly jobId: string;
  readonly name: string;
  /** The store's own reference. */
  readonly ref: string;
  readonly sizeBytes: number;
  readonly fileCount: number;
  readonly createdAt: number;
}

export interface StoredEvent {
  /** From 1 in each run, without gaps. */
  readonly seq: number;
  readonly time: number;
  readonly event: RunEvent;
}
