import type { Alongside, CircuitBreakers, Clock, Ids, Random } from "@waybill/core";
import type { PipelineDefinition } from "@waybill/pipeline";
import type { JobResult, OutputLine, RunEvent } from "../events.ts";
import type { ExecutionCallbacks } from "../ports/execution-callbacks.ts";
import type { Executors } from "../ports/executor.ts";
import type { ArtifactStore, LogStore, SavedArtifact, Workspaces } from "../ports/files.ts";
import type { JobGate } from "../ports/job-gate.ts";
import type { RunOrigin } from "../ports/run-queries.ts";
import type { ReusedJob, RunRecord, RunStore } from "../ports/run-store.ts";
import type { Reason } from "../statuses.ts";
import type { Turns } from "./turns.ts";

/** All that the engine needs of the world. */
export interface EnginePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly store: RunStore;
  readonly executors: Executors;
  readonly workspaces: Workspaces;
  readonly artifacts: ArtifactStore;
  readonly logs: LogStore;
  /** Default: every job begins as soon as it is due. */
  readonly gate?: JobGate | undefined;
  /** Of the external services that jobs fail of, shared with whatever else asks them. Default: the engine's own. */
  readonly breakers?: CircuitBreakers;
  /** What executors report. Default: none is told where, as for runs of a directory. */
  readonly callbacks?: ExecutionCallbacks;
}

/** The ports, and what an engine's runs have in common besides. */
export interface EngineParts extends EnginePorts {
  /** What takes more than a moment waits for its turn. */
  readonly turns: Turns;
}

/** What gives the texts of a run their values. Nothing of it is stored. */
export interface RunVariables {
  /** `--var` and `--env-file`: they beat what the file says, and are part of every job's environment. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The allowed part of the host's environment, lowest in precedence. */
  readonly system: Readonly<Record<string, string>>;
  /**
   * What `secrets.NAME` stands for. Masked in all that the run prints and all that is said of it. Names that no
   * reference can have (`#1`) are for masking only.
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /** By job, names of secrets that it will have of the gate; only a run that is stored asks for them. */
  readonly secretsOfJobs?: ReadonlyMap<string, readonly string[]>;
}

export interface RunRequest extends RunVariables {
  readonly definition: PipelineDefinition;
  /** Path of the pipeline file as the user would write it. */
  readonly file: string;
  /** What began the run, for example `manual`. */
  readonly trigger: string;
  /** Names of jobs to run, with all they depend on; null: every job. */
  readonly jobs: readonly string[] | null;
  /** How many jobs may run at once, at least 1. */
  readonly concurrency: number;
}

/** A run that is stored now and driven later, by whichever process resumes it first. */
export interface EnqueueRequest extends Omit<RunRequest, "concurrency"> {
  /** Of the run, where whoever asks for it must know it before; unique. Default: a new one. */
  readonly id?: string;
  readonly origin: RunOrigin;
  /** What is stored together with the run. */
  readonly alongside?: ((runId: string) => Alongside) | undefined;
  /**
   * By name, jobs that do not run because an earlier run has made them. All they depend on is to be among them, as
   * what runs anew is not what they were made of.
   */
  readonly reused?: ReadonlyMap<
    string,
    Omit<ReusedJob, "artifacts"> & { readonly artifacts: readonly SavedArtifact[] }
  >;
}

export interface ResumeRequest extends RunVariables {
  readonly run: RunRecord;
  /** How many jobs may run at once from now on, at least 1. */
  readonly concurrency: number;
}

/** What a run tells while it goes on: events once they are stored, output as it comes. */
export type EngineNotice =
  { readonly time: number; readonly event: RunEvent } | { readonly time: number; readonly output: OutputLine };

/** A promise holds the run's output back until the listener has caught up. */
export type NoticeListener = (notice: EngineNotice) => void | Promise<void>;

/**
 * Told what a line shows before it ends, a progress bar say, at most five times a second and stream. An empty line:
 * there is nothing more to show. Such lines are not kept, and a run waits for nobody to have heard of them.
 */
export type UnfinishedListener = (line: OutputLine) => void;

export interface RunResult {
  readonly id: string;
  readonly number: number;
  readonly status: "success" | "failed" | "cancelled";
  readonly reason: Reason | null;
  readonly durationMs: number;
  readonly jobs: Readonly<Record<string, JobResult>>;
  /** What could not be cleaned up, in words; does not change the status. */
  readonly warnings: readonly string[];
}
