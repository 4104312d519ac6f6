import { isFailedStep, isTerminalStep, type StepStatus } from "../statuses.ts";

/**
 * What the statuses of a step's components come to. Nothing before the last of them has settled: a component that
 * failed does not hide what becomes of the others.
 *
 * @returns null: not settled, or there are none
 */
export function aggregateOf(
  statuses: readonly StepStatus[],
): { readonly status: "completed" | "failed"; readonly message: string } | null {
  if (statuses.length === 0 || !statuses.every(isTerminalStep)) return null;
  return statuses.some(isFailedStep)
    ? { status: "failed", message: "one or more components failed" }
    : { status: "completed", message: "all components completed successfully" };
}
