/** Runs that must not be at work at the same time. */
export interface ConcurrencyRule {
  /** Text with references to the event (`EVENT_VARIABLES`) and to inputs: runs for which it is the same wait for each other. */
  readonly group: string;
  /** Whether a new run ends those before it. Text: an expression over the event. */
  readonly cancelInProgress: boolean | string;
}

/** What texts about an event can refer to. A variable that an event has nothing for is empty. */
export const EVENT_VARIABLES = [
  "event.kind",
  "event.branch",
  "event.tag",
  "event.sha",
  "event.pull_request",
  "event.source_branch",
  "event.target_branch",
  "event.is_fork",
  "event.repository",
  "event.actor",
  "pipeline.name",
] as const;

export type EventVariable = (typeof EVENT_VARIABLES)[number];
