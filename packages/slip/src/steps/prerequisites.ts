import type { SlipLogger } from "../ports/logger.ts";
import { aggregatesOf, findStep, isComponentStep, type Route } from "../route/route.ts";
import { getComponentStep, getStep, type Slip } from "../slip.ts";
import { aggregateOf } from "../state/aggregate.ts";
import { isFailedStep, isSuccessfulStep, isTerminalStep, type StepStatus } from "../statuses.ts";

/** What prerequisites come to. A failure goes before what is still running. */
export interface PrerequisiteResult {
  readonly status: "completed" | "running" | "failed";
  readonly completed: readonly string[];
  readonly running: readonly string[];
  readonly failed: readonly string[];
  /** The same as `running`. */
  readonly pending: readonly string[];
  readonly allMet: boolean;
  readonly hasFailed: boolean;
}

/**
 * Where the prerequisites of a step are. Pure: of the slip as it was loaded.
 *
 * @param component of the step that waits; empty: none
 */
export function checkPrerequisites(
  slip: Slip,
  prerequisites: readonly string[],
  component: string,
  { route, logger }: { readonly route: Route; readonly logger: SlipLogger },
): PrerequisiteResult {
  const lists = { completed: [] as string[], running: [] as string[], failed: [] as string[] };
  for (const entry of prerequisites) {
    const name = entry.trim();
    if (name === "") continue;
    let status = statusOf(slip, name, component, route);
    if (status === null) {
      logger.error(`Unknown prerequisite: ${name}`, { correlation_id: slip.correlationId, prerequisite: name });
      status = "pending";
    }
    lists[isFailedStep(status) ? "failed" : isSuccessfulStep(status) ? "completed" : "running"].push(name);
  }
  const hasFailed = lists.failed.length > 0;
  const allMet = !hasFailed && lists.running.length === 0;
  const status = hasFailed ? "failed" : allMet ? "completed" : "running";
  return { status, ...lists, pending: lists.running, allMet, hasFailed };
}

/** @returns null: neither the slip nor the route knows it */
function statusOf(slip: Slip, name: string, component: string, route: Route): StepStatus | null {
  if (isComponentStep(route, name)) {
    const own = component === "" ? null : getComponentStep(slip, component, name);
    if (own !== null) return own;
    const [aggregate] = aggregatesOf(route, name);
    return aggregate === undefined ? derived(slip, name) : statusOf(slip, aggregate.name, "", route);
  }
  const stated = getStep(slip, name)?.status ?? null;
  const source = findStep(route, name)?.aggregates ?? null;
  // Whoever made the slip may not have told of the aggregate, or not yet.
  if (source !== null && (stated === null || stated === "pending")) {
    const status = isComponentStep(route, source) ? derived(slip, source) : getStep(slip, source)?.status;
    return status !== undefined && isTerminalStep(status) ? status : "pending";
  }
  return stated ?? (findStep(route, name) === null ? null : "pending");
}

function derived(slip: Slip, componentStep: string): StepStatus {
  return aggregateOf(slip.components.map(({ statuses }) => statuses[componentStep] ?? "pending"))?.status ?? "pending";
}
