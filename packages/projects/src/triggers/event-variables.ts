import {
  completeEventText,
  type ConcurrencyRule,
  type EventVariable,
  type InputValue,
  type PipelineDefinition,
} from "@waybill/pipeline";
import { WaybillError } from "@waybill/core";
import type { TriggerEvent } from "./trigger-event.ts";

/** What texts about an event refer to. What it does not have is left out, which reads as empty. */
export function eventVariables(event: TriggerEvent, pipelineName: string): Partial<Record<EventVariable, string>> {
  return {
    "event.kind": event.kind,
    "event.repository": event.repository.name,
    "event.actor": event.actor,
    "pipeline.name": pipelineName,
    ...("branch" in event && event.branch !== null ? { "event.branch": event.branch } : {}),
    ...("tag" in event && event.tag !== null ? { "event.tag": event.tag } : {}),
    ...("sha" in event && event.sha !== null ? { "event.sha": event.sha } : {}),
    ...(event.kind === "pull_request"
      ? {
          // What a rule about branches means by it, so that one rule serves pushes and pull requests.
          "event.branch": event.sourceBranch,
          "event.pull_request": String(event.number),
          "event.source_branch": event.sourceBranch,
          "event.target_branch": event.targetBranch,
          "event.is_fork": String(event.isFork),
        }
      : { "event.is_fork": "false" }),
  };
}

export interface ConcurrencyGroup {
  /** Unique within the project. */
  readonly group: string;
  readonly cancelInProgress: boolean;
}

/** Characters of a group's name; one that is longer is most likely a mistake. */
const MAX_GROUP_LENGTH = 500;

/**
 * The group a run belongs to; null: none.
 *
 * @throws WaybillError `CONCURRENCY_INVALID`, `VARIABLE_…` or `EXPRESSION_…` where the event's values do not fit
 */
export function concurrencyOf(
  { name, concurrency }: Pick<PipelineDefinition, "name" | "concurrency">,
  event: TriggerEvent,
  inputs: Readonly<Record<string, InputValue>> = {},
): ConcurrencyGroup | null {
  if (concurrency === null) return null;
  const variables = eventVariables(event, name);
  const group = completeEventText(concurrency.group, variables, inputs).trim();
  if (group === "") throw new WaybillError("CONCURRENCY_INVALID", { problem: "the group is empty" });
  if (group.length > MAX_GROUP_LENGTH)
    throw new WaybillError("CONCURRENCY_INVALID", { problem: "the group is too long" });
  return { group: privateGroup(group, event), cancelInProgress: isCancelling(concurrency, variables, inputs) };
}

/**
 * A fork chooses the names of its branches. It must not be able to end a run of the repository's own by calling a
 * branch `main`, so its groups are its own.
 */
function privateGroup(group: string, event: TriggerEvent): string {
  return event.kind === "pull_request" && event.isFork ? `fork ${event.number}: ${group}` : group;
}

function isCancelling(
  { cancelInProgress }: ConcurrencyRule,
  variables: Partial<Record<EventVariable, string>>,
  inputs: Readonly<Record<string, InputValue>>,
): boolean {
  if (typeof cancelInProgress === "boolean") return cancelInProgress;
  const text = completeEventText(cancelInProgress, variables, inputs).trim().toLowerCase();
  if (text === "true" || text === "false") return text === "true";
  throw new WaybillError("CONCURRENCY_INVALID", { problem: "cancel_in_progress becomes neither true nor false" });
}
