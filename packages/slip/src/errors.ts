import { WaybillError } from "@waybill/core";
import { formatDuration } from "./durations.ts";

/** Steps that a step waits for have failed. */
export class PrerequisitesFailedError extends WaybillError<"SLIP_PREREQUISITES_FAILED"> {
  readonly failed: readonly string[];

  constructor(failed: readonly string[]) {
    super("SLIP_PREREQUISITES_FAILED", { failed: failed.join(" ") });
    this.failed = failed;
  }
}

/** Steps that a step waits for have not ended in time. */
export class HoldTimedOutError extends WaybillError<"SLIP_HOLD_TIMED_OUT"> {
  readonly timeoutMs: number;
  readonly waiting: readonly string[];

  constructor(timeoutMs: number, waiting: readonly string[]) {
    super("SLIP_HOLD_TIMED_OUT", { timeout: formatDuration(timeoutMs), waiting: waiting.join(" ") });
    this.timeoutMs = timeoutMs;
    this.waiting = waiting;
  }
}

export function notFound(what: string): WaybillError<"SLIP_NOT_FOUND"> {
  return new WaybillError("SLIP_NOT_FOUND", { what });
}

/**
 * What an operation failed of, in the words of its caller. What is wrong with the input stays what it is.
 *
 * @param what behind "failed to"
 */
export function operationFailed(what: string, cause: unknown): unknown {
  if (cause instanceof WaybillError && cause.code.startsWith("SLIP_")) return cause;
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new WaybillError("SLIP_OPERATION_FAILED", { what, detail }, { cause });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
