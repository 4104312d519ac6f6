import type { JobPlace, PipelineJob } from "@waybill/pipeline";
import type { ExecutionCallback } from "./execution-callbacks.ts";

/**
 * Where the steps of a job really run. One execution is one attempt of one job: a place with a workspace, into which
 * the engine sends step after step. What is needed to find an execution again lives outside our process, so every
 * operation is idempotent by execution id (and step number and attempt) and may be repeated after a crash.
 */
export interface Executor {
  /** For example `process`: stored with the execution, shown to people. */
  readonly name: string;
  /**
   * Whether it sees to it that the end of an execution is reported to `ExecutionSpec.callback`, so that it is known also
   * where the execution itself is gone. Default: no, and it is given none.
   */
  readonly isReporting?: boolean;
  /** How steps see the workspace that the host has at `workspace`. */
  workspacePath(workspace: string): string;
  /**
   * Makes the place. The workspace directory exists and is filled. Ends early, with an error, where `close` is called
   * meanwhile.
   * @param notice gets lines for the job's log, now and while steps start: about an image that is fetched, for example
   */
  submit(spec: ExecutionSpec, notice?: SubmitNotice): Promise<void>;
  /** Starts a step; at most one runs at a time in an execution. */
  startStep(executionId: string, step: StepSpec): Promise<void>;
  /**
   * What the step prints from `from` on and, as the last item, how it ended. Works for a step that has ended
   * already, and for one that an earlier process of ours started.
   */
  observeStep(executionId: string, step: StepReference, from: OutputOffsets): AsyncIterable<Observation>;
  /**
   * Ends the running step: SIGTERM to all its processes, SIGKILL to what is left after `graceMs`. The end arrives
   * through `observeStep`. Does nothing where no step runs.
   */
  stopStep(executionId: string, graceMs: number): Promise<void>;
  /** No more steps: ends what still runs at once and removes every trace but the workspace. */
  close(executionId: string): Promise<void>;
  status(executionId: string): Promise<ExecutionStatus>;
  /** Executions that still exist, for recovery. */
  list(): Promise<readonly ExecutionStatus[]>;
}

/** One line of plain text without a line break. */
export type SubmitNotice = (text: string) => void;

export interface ExecutionSpec {
  readonly executionId: string;
  readonly runId: string;
  readonly jobName: string;
  /** Attempt of the job, from 1. */
  readonly attempt: number;
  /** Absolute path on the host. */
  readonly workspace: string;
  /** The image of each step by its position; null: it names none. Steps of one image share a container. */
  readonly images: readonly (string | null)[];
  readonly place: JobPlace;
  /**
   * Where to report how the execution stands. Null or left out: nowhere, it is only asked for. Holds a secret that is not
   * for the job and not to be stored.
   */
  readonly callback?: ExecutionCallback | null;
}

export interface StepReference {
  /** Position in the job, from 0. */
  readonly index: number;
  /** Attempt of the step within this execution, from 1. */
  readonly attempt: number;
}

export interface StepSpec extends StepReference {
  readonly name: string;
  /** Shell command lines, run in order until one fails. */
  readonly script: readonly string[];
  /** Null: the step names none. */
  readonly image: string | null;
  /** The whole of what Waybill adds to the environment; the executor decides what of the host's comes below it. */
  readonly environment: Readonly<Record<string, string>>;
  /** As in the pipeline file: absolute, or relative to the workspace. */
  readonly workingDirectory: string;
}

/** How many bytes of each stream have been seen. */
export interface OutputOffsets {
  readonly stdout: number;
  readonly stderr: number;
}

export const NO_OUTPUT: OutputOffsets = { stdout: 0, stderr: 0 };

export type Observation =
  | {
      readonly type: "output";
      readonly stream: "stdout" | "stderr";
      readonly data: Buffer;
      /** Offset in the stream just behind `data`: where to go on after a restart. */
      readonly offset: number;
      /** When it was seen: milliseconds since the epoch. */
      readonly time: number;
    }
  | {
      readonly type: "finished";
      /** Null: ended by `signal`. */
      readonly exitCode: number | null;
      readonly signal: string | null;
      /** The kernel ended a process of the step because the execution reached its memory limit. */
      readonly outOfMemory: boolean;
      /** What the step wrote to the file that `WAYBILL_OUTPUT` names; null: that is no file, or larger than 1 MiB. */
      readonly outputs: string | null;
      readonly time: number;
    }
  /** The execution vanished with its step: killed from outside, host restarted. */
  | { readonly type: "lost"; readonly detail: string; readonly time: number };

export interface ExecutionStatus {
  readonly executionId: string;
  readonly state: "idle" | "running" | "lost" | "unknown";
}

/** The executors of this installation, and which of them a job runs in. */
export interface Executors {
  /**
   * Where a job runs, and why. The answer does not change while a run goes on.
   * @throws WaybillError where nothing here can run the job as it asks to
   */
  choose(job: PipelineJob): ExecutorChoice;
  /** @throws WaybillError `EXECUTOR_NOT_AVAILABLE` */
  named(name: string): Executor;
}

export interface ExecutorChoice {
  /** `Executor.name`. */
  readonly executor: string;
  /** In words, for people: `it names an image`. */
  readonly reason: string;
}
