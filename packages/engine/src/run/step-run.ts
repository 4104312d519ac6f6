import { WaybillError, type Clock } from "@waybill/core";
import type { StepEnded } from "../machine/inputs.ts";
import { NO_OUTPUT, type Executor, type Observation, type OutputOffsets, type StepSpec } from "../ports/executor.ts";
import type { LogLine } from "../ports/files.ts";
import type { Outputs } from "../machine/run-state.ts";
import { failureText } from "./failure-text.ts";
import { OutputLines, type UnfinishedLine } from "./output-lines.ts";
import { parseOutputs } from "./parse-outputs.ts";
import type { RunMasking } from "./run-masking.ts";

/** How it ended, as the executor saw it; what a failure is of is told from its output by the worker. */
export type StepOutcome =
  | Extract<StepEnded["outcome"], { readonly kind: "error" }>
  | (Extract<StepEnded["outcome"], { readonly kind: "exited" }> & { readonly outOfMemory: boolean });

const NEVER_STARTED: StepOutcome = { kind: "exited", exitCode: null, signal: "SIGTERM", outOfMemory: false };

/** Whoever listens to a step. */
export interface StepListener {
  /** Resolves when the lines are kept and told: only then is more read. */
  lines(lines: readonly LogLine[]): Promise<void>;
  /** A line that has not ended yet; not kept. Null: nobody looks. */
  readonly unfinished: ((line: UnfinishedLine) => void) | null;
}

/** One attempt of one step, from its start to its end. It can be told to stop at any moment, also before it started. */
export class StepRun {
  readonly #executor: Executor;
  readonly #clock: Clock;
  readonly #execution: string;
  readonly #masking: RunMasking;
  readonly #listener: StepListener;
  #state: "new" | "started" | "ended" = "new";
  #stopGraceMs: number | null = null;

  constructor(executor: Executor, clock: Clock, execution: string, masking: RunMasking, listener: StepListener) {
    this.#executor = executor;
    this.#clock = clock;
    this.#execution = execution;
    this.#masking = masking;
    this.#listener = listener;
  }

  /** Whether the executor has taken it. */
  get isStarted(): boolean {
    return this.#state !== "new";
  }

  async run(spec: StepSpec): Promise<StepOutcome> {
    if (this.#stopGraceMs !== null) return NEVER_STARTED;
    await this.#executor.startStep(this.#execution, spec);
    return await this.#follow(spec, NO_OUTPUT);
  }

  /**
   * Goes on with a step that an earlier process of ours asked for: it may have been started, may run, may have ended.
   *
   * @param from what of its output is kept already
   */
  async resume(spec: StepSpec, from: OutputOffsets): Promise<StepOutcome> {
    if (this.#stopGraceMs === null) {
      await this.#executor.startStep(this.#execution, spec);
      return await this.#follow(spec, from);
    }
    try {
      return await this.#follow(spec, from);
    } catch (error) {
      // It was to be stopped before it was started.
      if (error instanceof WaybillError && error.code === "EXECUTOR_STEP_UNKNOWN") return NEVER_STARTED;
      throw error;
    }
  }

  async #follow(spec: StepSpec, from: OutputOffsets): Promise<StepOutcome> {
    this.#state = "started";
    // `stop` may have been called while the step was being started, when there was nothing to stop yet.
    if (this.#stopGraceMs !== null) await this.#executor.stopStep(this.#execution, this.#stopGraceMs);
    const outcome = await this.#observe(spec, from);
    this.#state = "ended";
    return outcome;
  }

  /** @param graceMs between SIGTERM and SIGKILL; a second call with less shortens it */
  async stop(graceMs: number): Promise<void> {
    this.#stopGraceMs = graceMs;
    if (this.#state === "started") await this.#executor.stopStep(this.#execution, graceMs);
  }

  async #observe(spec: StepSpec, from: OutputOffsets): Promise<StepOutcome> {
    const output = new OutputLines(this.#masking, spec, from, this.#clock, this.#listener.unfinished);
    let end: Exclude<Observation, { readonly type: "output" }> | null = null;
    for await (const observation of this.#executor.observeStep(this.#execution, spec, from)) {
      if (observation.type === "output") {
        const lines = output.push(observation.stream, observation.data, this.#clock.now());
        if (lines.length > 0) await this.#listener.lines(lines);
        output.showUnfinished();
      } else {
        end = observation;
      }
    }
    const rest = output.end();
    if (rest.length > 0) await this.#listener.lines(rest);
    if (end === null || end.type === "lost") {
      const message = `the place the job ran in is gone: ${end?.detail ?? "no end was reported"}`;
      return { kind: "error", reason: "execution_lost", message };
    }
    const { exitCode, signal, outOfMemory } = end;
    let outputs: Outputs;
    try {
      outputs = parseOutputs(end.outputs);
    } catch (error) {
      // A step that failed by itself has the better reason.
      if (exitCode !== 0) return { kind: "exited", exitCode, signal, outOfMemory };
      return { kind: "error", reason: "outputs_invalid", message: failureText(error) };
    }
    return { kind: "exited", exitCode, signal, outOfMemory, outputs: await this.#maskOutputs(spec, outputs) };
  }

  /** Outputs are stored, and secrets never are. Whoever wonders at what arrives finds the reason in the log. */
  async #maskOutputs({ index, attempt }: StepSpec, outputs: Outputs): Promise<Outputs> {
    // A name that is a secret is nobody's name.
    const kept = Object.entries(outputs).filter(([name]) => this.#masking.text(name) === name);
    const masked = Object.fromEntries(kept.map(([name, value]) => [name, this.#masking.text(value)]));
    const names = kept.filter(([name, value]) => masked[name] !== value).map(([name]) => name);
    if (names.length > 0) {
      const text = `Handed on masked, because a secret is in it: ${names.join(", ")}`;
      const time = this.#clock.now();
      await this.#listener.lines([{ time, stream: "system", step: index, attempt, sourceOffset: 0, text }]);
    }
    return masked;
  }
}
