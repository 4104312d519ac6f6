import type { JobStatus, Reason } from "@waybill/engine";
import { safeName } from "../text/safe-line.ts";

const WORDS: Readonly<Record<Reason, string>> = {
  step_failed: "a step failed",
  step_timeout: "a step took longer than its time-out",
  job_timeout: "it took longer than its time-out",
  pipeline_timeout: "the pipeline took longer than its time-out",
  setup_failed: "its workspace could not be prepared",
  outputs_invalid: "what it hands on could not be read",
  artifacts_failed: "its artifacts could not be kept",
  log_failed: "its output could not be kept",
  condition_error: "its condition could not be evaluated",
  execution_lost: "its processes disappeared",
  dependency_failed: "a job it depends on did not succeed",
  condition_false: "its condition is false",
  superseded: "a newer run took its place",
  user: "cancelled by the user",
  held: "it may not begin yet",
  refused: "a job of it may not run",
};

/** Why a job ended as it did: the engine's own words where it has some, with the names it
 * quotes made harmless. Empty: nothing to say. */
export function reasonText(message: string, reason: Reason | null): string {
  if (message !== "") return safeName(message);
  return reason === null ? "" : WORDS[reason];
}

/** A cancelled job whose condition was false did what it was told: it was skipped. */
export function statusWord(status: JobStatus, reason: Reason | null): string {
  return status === "cancelled" && reason === "condition_false" ? "skipped" : status;
}
