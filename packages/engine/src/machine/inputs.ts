import type { SavedArtifact } from "../ports/files.ts";
import type { GateAnswer } from "../ports/job-gate.ts";
import type { Failure } from "../failures/failure.ts";
import type { FailureReason } from "../statuses.ts";
import type { EndCause, Outputs } from "./run-state.ts";

/** What can happen to a run. `execution` and attempts tell news from an attempt that is over already. */
export type Input =
  | { readonly type: "start"; readonly number: number }
  /** The process that drove the run died, and this one has its state from the store. */
  | { readonly type: "resume"; readonly number: number }
  /** The workspace is filled and the execution waits for its first step. */
  | { readonly type: "prepared"; readonly job: string; readonly execution: string }
  | {
      readonly type: "prepare_failed";
      readonly job: string;
      readonly execution: string;
      readonly message: string;
      /** What it is of, where more than the message is known. */
      readonly failure?: Failure;
    }
  | StepEnded
  | {
      readonly type: "artifacts_saved";
      readonly job: string;
      readonly execution: string;
      readonly artifacts: readonly SavedArtifact[];
    }
  | {
      readonly type: "artifacts_failed";
      readonly job: string;
      readonly execution: string;
      readonly message: string;
      readonly failure?: Failure;
    }
  | { readonly type: "retry_due"; readonly job: string; readonly execution: string }
  | { readonly type: "deadline"; readonly scope: "run" }
  | { readonly type: "deadline"; readonly scope: "job"; readonly job: string; readonly execution: string }
  | {
      readonly type: "deadline";
      readonly scope: "step";
      readonly job: string;
      readonly execution: string;
      readonly step: number;
      readonly attempt: number;
    }
  /** What stands before a job has been asked whether it may begin. */
  | { readonly type: "gate_answered"; readonly job: string; readonly answer: GateAnswer }
  /** What held jobs wait for may have changed. */
  | { readonly type: "look_again" }
  /** One job is called off; the run goes on without it. */
  | { readonly type: "cancel_job"; readonly job: string; readonly execution: string; readonly message: string }
  | { readonly type: "end"; readonly cause: EndCause }
  /** As `end`, for a run whose process died: whatever still runs is not waited for. */
  | { readonly type: "abandon"; readonly cause: EndCause };

export interface StepEnded {
  readonly type: "step_ended";
  readonly job: string;
  readonly execution: string;
  readonly step: number;
  readonly attempt: number;
  readonly outcome:
    | {
        readonly kind: "exited";
        readonly exitCode: number | null;
        readonly signal: string | null;
        /** What the step hands on, by name. */
        readonly outputs?: Outputs;
        /** What a failure is of, by what it printed; without it, by how it ended. */
        readonly failure?: Failure;
      }
    /** It could not be started, or its place vanished. */
    | {
        readonly kind: "error";
        readonly reason: Exclude<FailureReason, "step_failed">;
        readonly message: string;
        readonly failure?: Failure;
      };
}

/** What the engine must do now that the new state is stored. Each may be repeated without harm. */
export type Command =
  /** Asks whether a job may begin. */
  { readonly type: "ask_gate"; readonly job: string } | JobCommand;

/** For the attempt of a job that has begun. */
export type JobCommand =
  | {
      readonly type: "prepare";
      readonly job: string;
      readonly execution: string;
      readonly attempt: number;
      /** An earlier process of ours died over it. */
      readonly again?: true;
    }
  /** Takes up an attempt that an earlier process of ours prepared; `timeoutMs` is what is left to the job. */
  | {
      readonly type: "reattach";
      readonly job: string;
      readonly execution: string;
      readonly attempt: number;
      readonly timeoutMs: number;
    }
  | {
      readonly type: "run_step";
      readonly job: string;
      readonly execution: string;
      readonly step: number;
      readonly attempt: number;
      /** Milliseconds. */
      readonly timeoutMs: number;
      /**
       * An earlier process of ours asked for the step: it may have been started, may run, may have ended. Its lines in
       * the log are not older than `since`.
       */
      readonly earlier?: { readonly since: number };
    }
  /** Ends the step that runs, or the making of the place it is to run in. */
  | { readonly type: "stop_step"; readonly job: string; readonly execution: string }
  | { readonly type: "save_artifacts"; readonly job: string; readonly execution: string }
  /** Ends the execution and removes its workspace. */
  | { readonly type: "close"; readonly job: string; readonly execution: string }
  | { readonly type: "retry_later"; readonly job: string; readonly execution: string; readonly delayMs: number };
