import { WaybillError } from "@waybill/core";
import { deadlineSignal } from "../abortable.ts";
import type { LoadedSlip, SlipContext } from "../context.ts";
import { HoldTimedOutError, messageOf, PrerequisitesFailedError } from "../errors.ts";
import { isEnabled } from "../repositories/filter.ts";
import { repositoryFromAddress } from "../repositories/names.ts";
import { resolveSlip, type ResolveOptions } from "../resolve.ts";
import { findStep } from "../route/route.ts";
import { ACTORS } from "../slip.ts";
import type { StepStatus } from "../statuses.ts";
import { bracketed } from "../texts.ts";
import { check, hold, type HoldRequest } from "./hold.ts";
import { appendHistory, checkStep, stepStatus, updateStep } from "./update.ts";

export interface ExecutionOptions extends ResolveOptions {
  readonly stepName: string;
  /** Empty or absent: the step as a whole. */
  readonly componentName?: string;
  /** Who writes, and in whose words; default: the library. */
  readonly actor?: "slippy-library" | "slippy-pre" | "slippy-post";
}

export interface PreExecutionOptions extends ExecutionOptions {
  /** Absent: those of the route. */
  readonly prerequisites?: readonly string[];
  /** Milliseconds; absent or 0: those of the route, else of the client. */
  readonly holdTimeoutMs?: number;
  readonly pollIntervalMs?: number;
  /** Where there is no slip; default `fail`. */
  readonly onMissingSlip?: "fail" | "proceed";
}

/**
 * - `proceed`: do what the step is for.
 * - `skip`: a prerequisite has failed; the step is `aborted`.
 * - `timed_out`: the prerequisites took too long.
 * - `aborted`: the process was asked to stop, or the slip was given up.
 */
export type PreExecutionOutcome = "proceed" | "skip" | "timed_out" | "aborted";

export interface PreExecutionResult {
  readonly outcome: PreExecutionOutcome;
  /** Empty: there is no slip. */
  readonly slipId: string;
  /** Of the slip, to hand on; empty: there is none. */
  readonly correlationId: string;
  /** Why it does not proceed; null: it does. */
  readonly error: WaybillError | null;
}

/** To write the end of a step whose process is asked to stop: pods are killed half a minute after. */
const LAST_WRITE_MS = 10_000;

/** What is written in the two voices that write. */
const VOICES = {
  library: {
    running: "step started",
    failed: (names: readonly string[]) => `prerequisites failed: ${bracketed(names)}`,
    timedOut: (_: readonly string[], error: Error) => error.message,
    cancelled: (error: Error) => error.message,
  },
  pre: {
    running: "",
    failed: (names: readonly string[]) => `upstream prerequisites failed: ${bracketed(names)}`,
    timedOut: (names: readonly string[]) => `hold timeout waiting for: ${bracketed(names)}`,
    cancelled: () => "context cancelled",
  },
} as const;

const NO_SLIP: PreExecutionResult = { outcome: "proceed", slipId: "", correlationId: "", error: null };

/**
 * What comes before a step: finds its slip, waits for its prerequisites, and says whether to go on. Holding and going on
 * are written once each.
 *
 * @throws WaybillError `SLIP_UNRESOLVED`, `SLIP_NOT_FOUND`, `SLIP_STEP_UNKNOWN`, `SLIP_COMPONENT_UNKNOWN`,
 *   `SLIP_OPERATION_FAILED`; none of them in shadow mode
 */
export async function runPreExecution(
  context: SlipContext,
  options: PreExecutionOptions,
  signal: AbortSignal | undefined,
): Promise<PreExecutionResult> {
  const { logger, isShadow } = context;
  if (isSwitchedOff(context, options)) return NO_SLIP;
  let loaded: LoadedSlip;
  try {
    loaded = await resolveSlip(context, options, signal);
  } catch (error) {
    if (signal?.aborted === true) throw cancelled(signal);
    if (isShadow) {
      logger.warn(`[SHADOW] No slip found, would proceed anyway: ${messageOf(error)}`, { step: options.stepName });
      return NO_SLIP;
    }
    if (!isMissing(error) || options.onMissingSlip !== "proceed") throw error;
    logger.warn("there is no slip, and the step goes on without", { step: options.stepName });
    return NO_SLIP;
  }
  const { slip } = loaded;
  const found = { slipId: slip.slipId, correlationId: slip.correlationId };
  const pre = new Pre(context, options, loaded);
  if (isShadow) {
    await pre.inShadow(signal);
    return { ...found, outcome: "proceed", error: null };
  }
  checkStep(context, slip, options.stepName, options.componentName ?? "");
  return { ...found, ...(await pre.run(signal)) };
}

class Pre {
  readonly #context: SlipContext;
  readonly #options: PreExecutionOptions;
  readonly #request: HoldRequest;
  readonly #voice: (typeof VOICES)["library" | "pre"];
  #loaded: LoadedSlip;

  constructor(context: SlipContext, options: PreExecutionOptions, loaded: LoadedSlip) {
    this.#context = context;
    this.#options = options;
    this.#loaded = loaded;
    this.#voice = options.actor === ACTORS.pre ? VOICES.pre : VOICES.library;
    this.#request = holdRequest(context, options, loaded.slip.correlationId);
  }

  async run(signal: AbortSignal | undefined): Promise<Pick<PreExecutionResult, "outcome" | "error">> {
    try {
      this.#loaded = await hold(
        this.#context,
        this.#request,
        this.#loaded,
        async (loaded, waiting) => {
          this.#loaded = loaded;
          await this.#write("held", `waiting for: ${bracketed(waiting)}`, signal);
          return this.#loaded;
        },
        signal,
      );
      await this.#write("running", this.#voice.running, signal);
      return { outcome: "proceed", error: null };
    } catch (error) {
      return await this.#end(error, signal);
    }
  }

  async #end(error: unknown, signal: AbortSignal | undefined): Promise<Pick<PreExecutionResult, "outcome" | "error">> {
    if (error instanceof PrerequisitesFailedError) {
      await this.#writeLast("aborted", this.#voice.failed(error.failed));
      return { outcome: "skip", error };
    }
    if (error instanceof HoldTimedOutError) {
      await this.#writeLast("timeout", this.#voice.timedOut(error.waiting, error));
      return { outcome: "timed_out", error };
    }
    if (error instanceof WaybillError && error.code === "SLIP_SUPERSEDED") {
      await this.#writeLast("aborted", error.message);
      return { outcome: "aborted", error };
    }
    if (signal?.aborted === true || (error instanceof WaybillError && error.code === "SLIP_CANCELLED")) {
      const known = error instanceof WaybillError && error.code === "SLIP_CANCELLED" ? error : cancelled(signal);
      await this.#writeLast("aborted", this.#voice.cancelled(known));
      return { outcome: "aborted", error: known };
    }
    throw error;
  }

  async inShadow(signal: AbortSignal | undefined): Promise<void> {
    const { logger } = this.#context;
    const { stepName } = this.#options;
    const { running, failed } = check(this.#context, this.#request, this.#loaded);
    const fields = { correlation_id: this.#request.correlationId, step: stepName };
    if (running.length > 0) {
      logger.warn(`[SHADOW] ${stepName} would be held, waiting for: ${bracketed(running)}`, {
        ...fields,
        pending: running,
      });
    }
    if (failed.length > 0) {
      logger.warn(`[SHADOW] ${stepName} would be skipped, failed: ${bracketed(failed)}`, { ...fields, failed });
    }
    try {
      await this.#write("running", this.#voice.running, signal);
    } catch (error) {
      logger.error(`[SHADOW] ${stepName} could not be marked as running`, { ...fields, error: messageOf(error) });
    }
  }

  async #write(status: StepStatus, message: string, signal: AbortSignal | undefined): Promise<void> {
    const { stepName, componentName = "", actor = ACTORS.library } = this.#options;
    const update = { step: stepName, component: componentName, status, message, actor };
    this.#loaded = await updateStep(this.#context, this.#loaded, update, signal);
  }

  /** With a signal of its own: that of the caller may be what ends the step. Why it ends is worth more than this. */
  async #writeLast(status: StepStatus, message: string): Promise<void> {
    const deadline = deadlineSignal(this.#context.clock, LAST_WRITE_MS);
    try {
      await this.#write(status, message, deadline.signal);
    } catch (error) {
      const fields = { correlation_id: this.#request.correlationId, step: this.#options.stepName, status };
      this.#context.logger.error("the end of the step could not be written", { ...fields, error: messageOf(error) });
    } finally {
      deadline.dispose();
    }
  }
}

export function holdRequest(context: SlipContext, options: PreExecutionOptions, correlationId: string): HoldRequest {
  const { stepName, componentName = "", prerequisites, holdTimeoutMs, pollIntervalMs } = options;
  const step = findStep(context.route, stepName);
  return {
    correlationId,
    step: stepName,
    component: componentName,
    prerequisites: prerequisites ?? step?.prerequisites ?? [],
    holdTimeoutMs: firstPositive(holdTimeoutMs, step?.holdTimeoutMs) ?? context.holdTimeoutMs,
    pollIntervalMs: firstPositive(pollIntervalMs, step?.pollIntervalMs) ?? context.pollIntervalMs,
  };
}

export interface PostExecutionOptions extends ExecutionOptions {
  /** `Succeeded`, `Failed` or `Error`, as Argo Workflows has it; anything else is an error. */
  readonly workflowStatus: string;
  readonly failureMessage?: string;
}

/**
 * What comes after a step: writes how it ended.
 *
 * @returns the slip's correlation id; empty: there is no slip
 * @throws as `runPreExecution`
 */
export async function runPostExecution(
  context: SlipContext,
  options: PostExecutionOptions,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (isSwitchedOff(context, options)) return "";
  const { stepName: step, componentName: component = "", actor = ACTORS.library, workflowStatus } = options;
  const loaded = await resolveSlip(context, options, signal);
  const { correlationId } = loaded.slip;
  const { status, message } = endOf(workflowStatus, options.failureMessage ?? "", actor);
  if (status === "error" && workflowStatus !== "Error") {
    context.logger.error(message, { correlation_id: correlationId, step });
  }
  const before = stepStatus(loaded.slip, step, component);
  const update = { step, component, status, message, actor };
  if (status !== "completed" && (before === "aborted" || before === "timeout")) {
    // The step ended before it began, and its workflow only failed for that.
    await appendHistory(context, loaded, { ...update, status: before }, signal);
  } else {
    await updateStep(context, loaded, update, signal);
  }
  return correlationId;
}

function endOf(
  workflowStatus: string,
  failureMessage: string,
  actor: string,
): { readonly status: StepStatus; readonly message: string } {
  switch (workflowStatus) {
    case "Succeeded":
      return {
        status: "completed",
        message: actor === ACTORS.post ? "workflow completed successfully" : "step completed successfully",
      };
    case "Failed":
      return { status: "failed", message: failureMessage === "" ? "workflow failed" : failureMessage };
    case "Error":
      return { status: "error", message: "workflow encountered an error" };
    default:
      return { status: "error", message: `unknown workflow status: ${workflowStatus}` };
  }
}

function isSwitchedOff({ isEnabled: isOn, filter, logger }: SlipContext, options: ExecutionOptions): boolean {
  const { repository = "", stepName } = options;
  if (isOn && (repository === "" || isEnabled(filter, repositoryFromAddress(repository)))) return false;
  logger.info("slips are not enabled here, the step goes on", { step: stepName, repository });
  return true;
}

function isMissing(error: unknown): boolean {
  return error instanceof WaybillError && (error.code === "SLIP_UNRESOLVED" || error.code === "SLIP_NOT_FOUND");
}

function cancelled(signal: AbortSignal | undefined): WaybillError<"SLIP_CANCELLED"> {
  return new WaybillError("SLIP_CANCELLED", { what: "context cancelled" }, { cause: signal?.reason });
}

function firstPositive(...values: readonly (number | null | undefined)[]): number | null {
  return values.find((value): value is number => typeof value === "number" && value > 0) ?? null;
}
