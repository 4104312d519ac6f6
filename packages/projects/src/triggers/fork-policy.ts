import type { TriggerEvent } from "./trigger-event.ts";

/**
 * Which pull requests from forks wait for somebody to look at them before they see secrets: all, those of people the
 * forge does not call the repository's own, or none.
 */
export const FORK_POLICIES = ["always", "outsiders", "never"] as const;

export type ForkPolicy = (typeof FORK_POLICIES)[number];

export const DEFAULT_FORK_POLICY: ForkPolicy = "always";

export interface ApprovalDecision {
  readonly isNeeded: boolean;
  readonly reason: string;
}

/** Whether a run waits for an approval, which then holds for the event's commit and no later one. */
export function needsApproval(event: TriggerEvent, policy: ForkPolicy): ApprovalDecision {
  if (event.kind !== "pull_request" || !event.isFork) {
    return { isNeeded: false, reason: "the commit comes from the repository itself" };
  }
  switch (policy) {
    case "never":
      return { isNeeded: false, reason: "forks need no approval here" };
    case "outsiders":
      return event.isFromMember === true
        ? { isNeeded: false, reason: "its author is one of the repository's own" }
        : { isNeeded: true, reason: "it comes from a fork of somebody from outside" };
    case "always":
      return { isNeeded: true, reason: "it comes from a fork" };
  }
}
