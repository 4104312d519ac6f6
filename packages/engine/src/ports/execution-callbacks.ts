/** Where an execution is reported, by whatever runs it elsewhere. */
export interface ExecutionCallback {
  /** Absolute. Takes reports by POST, as `{ status, exit_code?, logs_ref?, message? }`. */
  readonly url: string;
  /**
   * Good for this execution alone and not for long; to be sent as `Authorization: Bearer`. A secret: it belongs in no
   * environment, argument list or file that a job can see, as the job could report its own success with it.
   */
  readonly token: string;
}

/** How an execution is reported to have ended: all of it, from its first step to its last. */
export interface ReportedEnd {
  /**
   * `SUCCEEDED`: its last step ended with exit code 0. `FAILED`: the step that ran ended otherwise, or the place did.
   * `CANCELED`: it was ended from outside.
   */
  readonly status: "SUCCEEDED" | "FAILED" | "CANCELED";
  /** Of the step that ran; null: it is not known. */
  readonly exitCode: number | null;
  /** In words; null: nothing was said. */
  readonly message: string | null;
}

/** Reports of executors that say how executions stand rather than only being asked. */
export interface ExecutionCallbacks {
  /** @param lifetimeMs how long it may be reported with */
  issue(executionId: string, lifetimeMs: number): Promise<ExecutionCallback>;
  /** Resolves when an end is reported, at once where one was; null: the signal was aborted before. */
  end(executionId: string, signal: AbortSignal): Promise<ReportedEnd | null>;
}
