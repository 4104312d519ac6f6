import { WaybillError, type Clock } from "@waybill/core";
import {
  DEFAULT_PLACE,
  type ExecutionSpec,
  type ExecutionStatus,
  type Executor,
  type Observation,
  type OutputOffsets,
  type StepReference,
  type StepSpec,
  type SubmitNotice,
} from "@waybill/engine";
import { mkdirSync } from "node:fs";
import { systemErrorCode } from "../files/hostile-file.ts";
import { removeTree } from "../files/remove-tree.ts";
import {
  controlDirectoryFor,
  executionIdsIn,
  type ControlDirectory,
  type ExecutionRecord,
} from "./control-directory.ts";
import { EndableClock } from "./endable-clock.ts";
import { Execution } from "./execution.ts";
import type { LaunchRequest, SupervisorHost } from "./host.ts";
import { observeStep } from "./observe-step.ts";
import { renderEnvironment, renderScript, reopensOutput, stepKey } from "./step-files.ts";
import { stopStep } from "./stop-step.ts";
import { Ticker } from "./ticker.ts";

/** Output is looked for this often while a step runs: below what a person notices, above what costs anything. */
const TICK_MS = 20;

/** The step protocol over any host: an `Executor` whose state is files and a supervisor that outlives us. */
export class SupervisedExecutor implements Executor, AsyncDisposable {
  readonly #host: SupervisorHost;
  readonly #directory: string;
  readonly #clock: EndableClock;
  readonly #ticker: Ticker;
  readonly #executions = new Map<string, Execution>();
  readonly #submissions = new Map<string, Submission>();
  #directoryMade = false;

  /** @param directory where the control directories are: absolute, ours alone, made when first needed */
  constructor(host: SupervisorHost, directory: string, clock: Clock) {
    this.#host = host;
    this.#directory = directory;
    this.#clock = new EndableClock(clock);
    this.#ticker = new Ticker(this.#clock, TICK_MS);
  }

  get name(): string {
    return this.#host.name;
  }

  workspacePath(workspace: string): string {
    return this.#host.workspacePath(workspace);
  }

  async submit(spec: ExecutionSpec, notice: SubmitNotice = noNotice): Promise<void> {
    const id = spec.executionId;
    if (this.#executions.has(id)) return;
    let submission = this.#submissions.get(id);
    if (submission === undefined) {
      const abort = new AbortController();
      const done = this.#submit(spec, { signal: abort.signal, notice }).finally(() => this.#submissions.delete(id));
      submission = { done, abort };
      this.#submissions.set(id, submission);
    }
    await submission.done;
  }

  async #submit(spec: ExecutionSpec, request: LaunchRequest): Promise<void> {
    const control = controlDirectoryFor(this.#directory, spec.executionId);
    const isNew = this.#onDisk(control.path, () => {
      this.#makeDirectory();
      return control.create();
    });
    const record = isNew ? null : control.readRecord();
    if (record !== null) {
      this.#attach(spec.executionId, control, record);
      return;
    }
    const execution = new Execution({ spec, control }, this.#ticker);
    try {
      execution.supervisor = await this.#host.launch(execution.place, execution, request);
      if (request.signal.aborted) throw closedEarly(spec.executionId);
      this.#onDisk(control.path, () => control.writeRecord({ spec, supervisor: execution.supervisor.reference }));
    } catch (error) {
      await (execution.supervisorOrNull ?? this.#host.find(execution.place, null)).destroy(false);
      await this.#removeTraces(execution);
      throw request.signal.aborted ? closedEarly(spec.executionId) : error;
    }
    this.#executions.set(spec.executionId, execution);
  }

  async startStep(executionId: string, step: StepSpec): Promise<void> {
    const execution = this.#get(executionId);
    const { control } = execution.place;
    const key = stepKey(step);
    const { send } = execution.supervisor;
    if (execution.runningStep === key || control.isStarted(key)) return;
    // A step that an earlier process of ours asked for and that was not taken yet is asked for again: that process may
    // have died in the middle of it.
    const other = execution.runningStep ?? (send === null ? control.findRunningStep() : null);
    if (other !== null && other !== key) {
      throw new WaybillError("EXECUTOR_STEP_RUNNING", { execution: executionId, step: step.name });
    }
    const lostBecause = execution.goneBecause ?? (execution.supervisor.isAlive() ? null : "its supervisor is gone.");
    if (lostBecause !== null) throw new WaybillError("EXECUTOR_LOST", { execution: executionId, detail: lostBecause });

    const script = renderScript(step, this.#host.workingDirectory(execution.place, step));
    const variables = {
      ...this.#host.variables(execution.place, step.environment),
      WAYBILL_OUTPUT: `${this.#host.controlPath(execution.place)}/${key}.values`,
    };
    const environment = renderEnvironment(step.name, variables);
    const pipes = reopensOutput(step.script);
    this.#onDisk(control.path, () =>
      send === null
        ? control.rewriteStep(key, script, environment, pipes)
        : control.writeStep(key, script, environment, pipes),
    );
    execution.runningStep = key;
    if (send !== null) return send(key);
    this.#onDisk(control.path, () => control.requestStep(key));
    execution.supervisor.requested?.(key);
  }

  async *observeStep(
    executionId: string,
    step: StepReference,
    from: OutputOffsets,
  ): AsyncGenerator<Observation, void, void> {
    const execution = this.#get(executionId);
    const key = stepKey(step);
    if (execution.runningStep !== key && !execution.place.control.isPrepared(key)) {
      const { index, attempt } = step;
      throw new WaybillError("EXECUTOR_STEP_UNKNOWN", { execution: executionId, step: index, attempt });
    }
    yield* observeStep(execution, key, from, this.#clock);
  }

  async stopStep(executionId: string, graceMs: number): Promise<void> {
    const execution = this.#find(executionId);
    if (execution !== null) await stopStep(execution, graceMs, this.#clock);
  }

  async close(executionId: string): Promise<void> {
    const submission = this.#submissions.get(executionId);
    if (submission !== undefined) {
      submission.abort.abort();
      // Who submitted learns how that went.
      await submission.done.catch(() => undefined);
    }
    const execution = this.#find(executionId);
    if (execution === null) return;
    execution.closing ??= this.#close(execution);
    await execution.closing;
  }

  async #close(execution: Execution): Promise<void> {
    try {
      await execution.supervisor.destroy(execution.isIdle);
      execution.gone("the execution was closed");
      await this.#removeTraces(execution);
      this.#executions.delete(execution.place.spec.executionId);
    } finally {
      execution.closing = null;
    }
  }

  async #removeTraces(execution: Execution): Promise<void> {
    await this.#host.cleanUp(execution.place);
    execution.place.control.removeRecord();
    await removeTree(execution.place.control.path);
  }

  async status(executionId: string): Promise<ExecutionStatus> {
    const execution = this.#find(executionId);
    if (execution === null) return { executionId, state: "unknown" };
    if (execution.goneBecause !== null || !execution.supervisor.isAlive()) return { executionId, state: "lost" };
    const running = execution.isConnected ? execution.runningStep : execution.place.control.findRunningStep();
    return { executionId, state: running === null ? "idle" : "running" };
  }

  /** What the execution was submitted with; null: it is not known here. */
  specOf(executionId: string): ExecutionSpec | null {
    const control = controlDirectoryFor(this.#directory, executionId);
    return this.#executions.get(executionId)?.place.spec ?? control.readRecord()?.spec ?? null;
  }

  async list(): Promise<readonly ExecutionStatus[]> {
    const ids = this.#onDisk(this.#directory, () => executionIdsIn(this.#directory));
    const statuses = await Promise.all(ids.map((id) => this.status(id)));
    return statuses.filter((status) => status.state !== "unknown");
  }

  /** Nothing is watched any more: what still runs is left to whoever comes next. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#clock.end();
    await this.#host.dispose();
  }

  /** @throws WaybillError `EXECUTOR_UNKNOWN` */
  #get(executionId: string): Execution {
    const execution = this.#find(executionId);
    if (execution === null) throw new WaybillError("EXECUTOR_UNKNOWN", { execution: executionId });
    return execution;
  }

  /** From memory, else from what an earlier process left on disk; null: nowhere. */
  #find(executionId: string): Execution | null {
    const known = this.#executions.get(executionId);
    if (known !== undefined) return known;
    if (this.#submissions.has(executionId)) return null;
    const control = controlDirectoryFor(this.#directory, executionId);
    if (!control.exists()) return null;
    const record = control.readRecord();
    if (record !== null) return this.#attach(executionId, control, record);
    // Not kept: what has no record never ran a step, so it can be closed, or submitted again.
    const nothing = { runId: "", jobName: "", attempt: 0, workspace: "/", images: [], place: DEFAULT_PLACE };
    const spec: ExecutionSpec = { ...nothing, executionId };
    const execution = new Execution({ spec, control }, this.#ticker);
    execution.supervisor = this.#host.find(execution.place, null);
    return execution;
  }

  #attach(executionId: string, control: ControlDirectory, record: ExecutionRecord): Execution {
    // The id is the directory's: the record is a file that a job could have rewritten.
    const execution = new Execution({ spec: { ...record.spec, executionId }, control }, this.#ticker);
    execution.supervisor = this.#host.find(execution.place, record.supervisor);
    this.#executions.set(executionId, execution);
    return execution;
  }

  #makeDirectory(): void {
    if (this.#directoryMade) return;
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    this.#directoryMade = true;
  }

  /** @throws WaybillError `EXECUTOR_CONTROL_UNUSABLE` where the file system refuses `work` */
  #onDisk<Result>(directory: string, work: () => Result): Result {
    try {
      return work();
    } catch (cause) {
      if (systemErrorCode(cause) === "") throw cause;
      const detail = (cause as Error).message;
      throw new WaybillError("EXECUTOR_CONTROL_UNUSABLE", { directory, detail }, { cause });
    }
  }
}

interface Submission {
  readonly done: Promise<void>;
  readonly abort: AbortController;
}

function noNotice(): void {
  // Nobody listens.
}

function closedEarly(execution: string): WaybillError<"EXECUTOR_LOST"> {
  return new WaybillError("EXECUTOR_LOST", { execution, detail: "it was closed before it was there." });
}
