import { WaybillError } from "@waybill/core";
import type { StepSpec } from "@waybill/engine";
import { join } from "node:path";
import { systemErrorCode } from "../files/hostile-file.ts";
import { keepFile } from "../files/keep-file.ts";
import { removeTree } from "../files/remove-tree.ts";
import { shortNameFor } from "../protocol/control-directory.ts";
import { checkWorkspace, makePrivateDirectory } from "../protocol/host-directories.ts";
import type { ExecutionPlace, Supervisor, SupervisorEvents, SupervisorHost } from "../protocol/host.ts";
import { SUPERVISOR_SCRIPT } from "../protocol/supervisor-script.ts";
import { ProcessSupervisor } from "./process-supervisor.ts";
import { MARKER_VARIABLE } from "./process-table.ts";
import { SupervisorProcess } from "./supervisor-process.ts";
import { resolveWorkingDirectory } from "./working-directory.ts";

/** More idle supervisors than this are ended: each is a shell of about a megabyte. */
const MAX_IDLE = 32;

export interface ProcessHostOptions {
  /** Where the supervisor script is kept; absolute. */
  readonly directory: string;
  /** Where executions get their temporary directories; absolute, exists. */
  readonly temporaryDirectory: string;
  /** Below the environment of every step. */
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute path of a POSIX shell. */
  readonly shell: string;
  /** See `lowerPriority`. */
  readonly niceness: number;
}

/** Steps as plain processes of this host. */
export class ProcessHost implements SupervisorHost {
  readonly name = "process";
  readonly #options: ProcessHostOptions;
  #scriptPath: string | null = null;
  readonly #sessions = new Set<number>();
  /** Supervisors without an execution, the one that was busy last on top. They end with our process. */
  readonly #idle: SupervisorProcess[] = [];

  constructor(options: ProcessHostOptions) {
    this.#options = options;
  }

  workspacePath(workspace: string): string {
    return workspace;
  }

  async launch(place: ExecutionPlace, events: SupervisorEvents): Promise<Supervisor> {
    checkWorkspace(place.spec.workspace);
    this.#makeTemporaryDirectory(place);
    const supervisor = this.#takeIdle() ?? (await this.#start(place));
    supervisor.serve(place.control.path, events);
    return new ProcessSupervisor(place.spec.executionId, supervisor.reference, {
      process: supervisor,
      sessions: this.#sessions,
      release: (idle) => this.#release(idle),
    });
  }

  find(place: ExecutionPlace, reference: string | null): Supervisor {
    return new ProcessSupervisor(place.spec.executionId, reference, null);
  }

  workingDirectory(place: ExecutionPlace, step: StepSpec): string {
    return resolveWorkingDirectory(step, place.spec.workspace);
  }

  controlPath(place: ExecutionPlace): string {
    return place.control.path;
  }

  variables(place: ExecutionPlace, own: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    return { TMPDIR: this.#temporaryDirectory(place), ...own, [MARKER_VARIABLE]: place.spec.executionId };
  }

  async cleanUp(place: ExecutionPlace): Promise<void> {
    await removeTree(this.#temporaryDirectory(place));
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((idle) => idle.end()));
  }

  async #start(place: ExecutionPlace): Promise<SupervisorProcess> {
    const { shell, environment, niceness } = this.#options;
    let supervisor: SupervisorProcess;
    try {
      supervisor = await SupervisorProcess.start({ shell, environment, niceness, script: this.#script() });
    } catch (error) {
      throw error instanceof WaybillError ? error : startFailure(place, shell, error as Error);
    }
    const { pid } = supervisor;
    this.#sessions.add(pid);
    supervisor.onExit(() => this.#sessions.delete(pid));
    return supervisor;
  }

  #takeIdle(): SupervisorProcess | null {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) if (idle.isAlive) return idle;
    return null;
  }

  #release(supervisor: SupervisorProcess): void {
    supervisor.leave();
    if (this.#idle.length < MAX_IDLE) this.#idle.push(supervisor);
    else void supervisor.end();
  }

  /**
   * Short, because programs put sockets there whose whole path may have 107 bytes; in the control directory, deep in
   * a project, it would not be.
   */
  #temporaryDirectory(place: ExecutionPlace): string {
    return join(this.#options.temporaryDirectory, `waybill-${shortNameFor(place.control)}`);
  }

  #makeTemporaryDirectory(place: ExecutionPlace): void {
    makePrivateDirectory(this.#temporaryDirectory(place));
  }

  #script(): string {
    this.#scriptPath ??= keepFile(this.#options.directory, "supervisor.sh", SUPERVISOR_SCRIPT, 0o500);
    return this.#scriptPath;
  }
}

function startFailure(place: ExecutionPlace, shell: string, cause: Error): WaybillError {
  const code = systemErrorCode(cause);
  if (code === "ENOENT" || code === "EACCES" || code === "ENOEXEC") {
    return new WaybillError("EXECUTOR_SHELL_MISSING", { shell, detail: `${code}.` }, { cause });
  }
  const detail = code === "E2BIG" ? "the environment of this host is too large (E2BIG)." : `${code}.`;
  return new WaybillError("EXECUTOR_START_FAILED", { execution: place.spec.executionId, detail }, { cause });
}
