import type { ExecutionSpec, StepSpec } from "@waybill/engine";
import type { ControlDirectory } from "./control-directory.ts";

/**
 * What differs between a process, a sandbox and a container: how the supervisor gets to where the steps run, how
 * paths look from there, and how its processes are found and ended. `supervisedExecutor` does the rest.
 */
export interface SupervisorHost {
  readonly name: string;
  /** As `Executor.workspacePath`. */
  workspacePath(workspace: string): string;
  /**
   * A supervisor for a new execution, detached from us: it must outlive our process. Whatever goes wrong, `find` and
   * `cleanUp` get at what was made until then.
   * @throws WaybillError `EXECUTOR_SHELL_MISSING`, `EXECUTOR_START_FAILED`; anything once `request.signal` is aborted
   */
  launch(place: ExecutionPlace, events: SupervisorEvents, request: LaunchRequest): Promise<Supervisor>;
  /**
   * The supervisor that an earlier process of ours launched, dead or alive. Its steps are asked for by file.
   * @param reference as the launched supervisor had it; null: we died before it was written down
   */
  find(place: ExecutionPlace, reference: string | null): Supervisor;
  /**
   * Where a step starts, as it sees it: absolute.
   * @throws WaybillError `EXECUTOR_WORKING_DIRECTORY_MISSING`, `EXECUTOR_WORKING_DIRECTORY_OUTSIDE`
   */
  workingDirectory(place: ExecutionPlace, step: StepSpec): string;
  /** The execution's control directory as its steps see it: absolute. */
  controlPath(place: ExecutionPlace): string;
  /** The variables of a step: what the pipeline gives it, with what the host adds below and above that. */
  variables(place: ExecutionPlace, own: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
  /** Removes what the execution has outside its control directory. */
  cleanUp(place: ExecutionPlace): Promise<void>;
  /** Ends what the host keeps for executions to come; those under way go on. */
  dispose(): Promise<void>;
}

export interface ExecutionPlace {
  readonly spec: ExecutionSpec;
  readonly control: ControlDirectory;
}

export interface LaunchRequest {
  /** Aborted when the execution is closed before it is there. */
  readonly signal: AbortSignal;
  /** A line for the people who wait: an image that is fetched, for example. */
  readonly notice: (text: string) => void;
}

export interface SupervisorEvents {
  /** The supervisor says that a step ended. The truth is in the files; this only saves waiting. */
  stepEnded(key: string): void;
  /** The supervisor is no more. */
  gone(detail: string): void;
}

export interface Supervisor {
  /** Enough for the host to find it again from another process. */
  readonly reference: string;
  /** Hands over a step whose files are written; null: there is no pipe to it, ask by file. */
  readonly send: ((key: string) => void) | null;
  /** A step was asked for by file: for hosts where that is not sure to be noticed. */
  requested?(key: string): void;
  isAlive(): boolean;
  /**
   * SIGTERM to every process of the execution but the supervisor. Called again, to those that were started since: a
   * shell that is about to start its next command when the signal comes waits for that command first.
   */
  terminate(): Promise<void>;
  /** SIGKILL to every process of the execution but the supervisor, until there is none. */
  kill(): Promise<void>;
  /** Whether any process of the execution lives beside the supervisor. */
  hasProcesses(): Promise<boolean>;
  /** Whether the kernel has ended a process of the execution, since this was last asked, for want of memory. */
  ranOutOfMemory(): Promise<boolean>;
  /**
   * Ends everything at once; on return nothing of the execution runs.
   * @param isIdle no step runs: the supervisor itself may be given to another execution
   */
  destroy(isIdle: boolean): Promise<void>;
}
