/** Of a whole slip. The union of what both plans of the field have; all but the first are written by somebody. */
export const SLIP_STATUSES = [
  "pending",
  "in_progress",
  "completed",
  "failed",
  "compensating",
  "compensated",
  "promoted",
  "abandoned",
  "cancelled",
] as const;

export type SlipStatus = (typeof SLIP_STATUSES)[number];

/** Of a step, or of a component in a step. */
export const STEP_STATUSES = [
  "pending",
  "held",
  "running",
  "completed",
  "failed",
  "error",
  "aborted",
  "timeout",
  "skipped",
] as const;

export type StepStatus = (typeof STEP_STATUSES)[number];

/** Those that end a slip in favour of another one, or of none: what the guard of `mayEnd` lets through. */
export type EndingStatus = Extract<SlipStatus, "promoted" | "abandoned" | "cancelled">;

const TERMINAL_SLIPS: ReadonlySet<string> = new Set<SlipStatus>([
  "completed",
  "failed",
  "compensated",
  "promoted",
  "abandoned",
  "cancelled",
]);

const SUCCESSFUL_STEPS: ReadonlySet<string> = new Set<StepStatus>(["completed", "skipped"]);
const FAILED_STEPS: ReadonlySet<string> = new Set<StepStatus>(["failed", "error", "aborted", "timeout"]);

// The predicates take any text, so that a status of a newer version is none of the three rather than an error.

/** Nothing more is expected of it. A failed slip may be taken up again by a retry all the same. */
export function isTerminalSlip(status: string): boolean {
  return TERMINAL_SLIPS.has(status);
}

/** The commit got where it was meant to: into production, or into the commit it was merged as. */
export function isSuccessfulSlip(status: string): boolean {
  return status === "completed" || status === "promoted";
}

/** Given up: what still waits for it need not go on. A promoted slip is none: its steps run to their end. */
export function isGivenUp(status: string): boolean {
  return status === "abandoned" || status === "cancelled";
}

export function isTerminalStep(status: string): boolean {
  return isSuccessfulStep(status) || isFailedStep(status);
}

/** `skipped` is a deliberate doing-nothing: what depends on the step goes on. */
export function isSuccessfulStep(status: string): boolean {
  return SUCCESSFUL_STEPS.has(status);
}

export function isFailedStep(status: string): boolean {
  return FAILED_STEPS.has(status);
}

export function isStepStatus(text: string): text is StepStatus {
  return (STEP_STATUSES as readonly string[]).includes(text);
}

export function isSlipStatus(text: string): text is SlipStatus {
  return (SLIP_STATUSES as readonly string[]).includes(text);
}
