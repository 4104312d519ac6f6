import type { Reason } from "@waybill/engine";
import * as z from "zod/mini";

/** A record rather than a list, so that the compiler finds a reason that is missing here. */
const REASONS: Readonly<Record<Reason, Reason>> = {
  step_failed: "step_failed",
  step_timeout: "step_timeout",
  job_timeout: "job_timeout",
  pipeline_timeout: "pipeline_timeout",
  setup_failed: "setup_failed",
  outputs_invalid: "outputs_invalid",
  artifacts_failed: "artifacts_failed",
  log_failed: "log_failed",
  condition_error: "condition_error",
  execution_lost: "execution_lost",
  dependency_failed: "dependency_failed",
  condition_false: "condition_false",
  superseded: "superseded",
  user: "user",
  held: "held",
  refused: "refused",
};

export const reasonSchema = z.enum(REASONS);
