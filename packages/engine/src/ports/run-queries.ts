import type { StoredServerEvent } from "@waybill/core";
import type { JobStatus, RunStatus } from "../statuses.ts";
import type { ArtifactRecord, ExecutionRecord, JobRecord, RunRecord, StoredEvent } from "./run-store.ts";

/** Where a run of a server comes from. */
export interface RunOrigin {
  readonly pipelineId: string;
  /** For example `refs/heads/main`. */
  readonly gitRef: string;
  /** The whole name of the commit whose files the run works on. */
  readonly gitSha: string;
  /** What made it begin, as JSON: the normalised push, pull request, … */
  readonly triggerEvent: Readonly<Record<string, unknown>>;
  /** Values of the run's parameters. They are stored: nothing secret belongs there. */
  readonly inputs: Readonly<Record<string, RunInput>>;
  /** Runs of one group may wait for each other; null: it is in none. */
  readonly concurrencyGroup: string | null;
  /** The run that this one repeats; null: none. */
  readonly rerunOf: string | null;
}

export type RunInput = string | number | boolean;

export interface RunQuery {
  /** Only runs of pipelines of these projects. */
  readonly projectIds?: readonly string[] | undefined;
  readonly pipelineId?: string | undefined;
  /** The one run of this number, if it is among the others. */
  readonly number?: number | undefined;
  readonly status?: RunStatus | undefined;
  readonly gitRef?: string | undefined;
  readonly trigger?: string | undefined;
  /** Created at this time or later, in milliseconds since the epoch. */
  readonly since?: number | undefined;
  /** Created before this time. */
  readonly until?: number | undefined;
  /** Only runs with a lower number: how a page follows another one. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Of runs of pipelines that have not ended. */
export interface UnfinishedCounts {
  readonly runs: Readonly<Record<"pending" | "running", number>>;
  /** Of their jobs, those that have ended among them. */
  readonly jobs: Readonly<Record<JobStatus, number>>;
}

/** What servers ask of stored runs. */
export interface RunQueries {
  /** Newest first. */
  page(query: RunQuery): Promise<readonly RunRecord[]>;
  /** Runs of pipelines that have not ended, oldest first: those that wait, and those that somebody drives or drove. */
  unfinished(limit: number): Promise<readonly RunRecord[]>;
  /** How many runs and jobs wait and run. */
  unfinishedCounts(): Promise<UnfinishedCounts>;
  /** Null: there is no such run, or it is one of a directory. */
  origin(runId: string): Promise<RunOrigin | null>;
  /** By the job's own id. */
  findJob(jobId: string): Promise<{ readonly runId: string; readonly job: JobRecord } | null>;
  /** By the execution's own id. */
  findExecution(executionId: string): Promise<FoundExecution | null>;
  /**
   * Events of all runs and of the server in the order in which they became visible, behind the position `after`. What is placed later
   * comes later, whichever server stored it, so a follower misses nothing.
   */
  feed(after: number, limit: number): Promise<readonly FeedEntry[]>;
  /** The position of the last event that has one; 0: there is none. */
  feedEnd(): Promise<number>;
  /**
   * Gives events that have none a position.
   * @param limit of commits whose events get theirs
   * @returns how many events there were; 0: none waits any more
   */
  placeEvents(limit: number): Promise<number>;
  /** By the artifact's own id. */
  findArtifact(artifactId: string): Promise<FoundArtifact | null>;
}

/** An event of a run, or one that belongs to none. */
export type FeedEntry = FeedEvent | FeedServerEvent;

export interface FeedServerEvent extends StoredServerEvent {
  readonly position: number;
}

export interface FeedEvent extends StoredEvent {
  readonly position: number;
  readonly runId: string;
  /** Null: a run of a directory. */
  readonly projectId: string | null;
  readonly pipelineId: string | null;
}

export interface FoundExecution {
  readonly runId: string;
  readonly job: JobRecord;
  readonly execution: ExecutionRecord;
}

export interface FoundArtifact {
  readonly runId: string;
  readonly jobName: string;
  readonly artifact: ArtifactRecord;
}
