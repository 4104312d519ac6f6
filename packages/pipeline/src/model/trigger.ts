/** What can start a run without a person or a schedule asking for it. The names stand in files, events and SQL. */
export const TRIGGER_EVENTS = ["push", "tag", "pull_request", "webhook"] as const;

export type TriggerEventName = (typeof TRIGGER_EVENTS)[number];

/** What can happen to a pull request, whatever the forge calls it. */
export const PULL_REQUEST_ACTIONS = ["opened", "updated", "reopened", "closed"] as const;

export type PullRequestAction = (typeof PULL_REQUEST_ACTIONS)[number];

/** Actions that start runs where a condition names none: those that bring commits nobody has looked at. */
export const DEFAULT_PULL_REQUEST_ACTIONS: readonly PullRequestAction[] = ["opened", "updated", "reopened"];

/**
 * One way for a run to start: every field that is not null must fit the event. Lists of patterns are read in order and
 * the last one that matches decides; one with `!` in front takes out again. A list that begins with `!` begins with all.
 */
export interface TriggerCondition {
  /** At least one. */
  readonly events: readonly TriggerEventName[];
  /** Of a push: its branch. Of a pull request: the branch it wants to get into. */
  readonly branches: readonly string[] | null;
  readonly tags: readonly string[] | null;
  /** Fits where one of the changed paths does. */
  readonly paths: readonly string[] | null;
  /** Null: `DEFAULT_PULL_REQUEST_ACTIONS`. */
  readonly actions: readonly PullRequestAction[] | null;
  /** Whether pull requests come from forks alone, or from the repository itself alone. Null: from either. */
  readonly forks: boolean | null;
}

/** A condition that asks for nothing but the events. */
export function anyOf(...events: readonly TriggerEventName[]): TriggerCondition {
  return { events, branches: null, tags: null, paths: null, actions: null, forks: null };
}

/**
 * What applies where a pipeline says nothing: every push to a branch, and pull requests from forks. The commits of
 * other pull requests are those of a push already.
 */
export const DEFAULT_TRIGGERS: readonly TriggerCondition[] = [anyOf("push"), { ...anyOf("pull_request"), forks: true }];

/** Fields of a condition that mean something for one of these events only. */
export const TRIGGER_FIELD_EVENTS: Readonly<
  Record<"branches" | "tags" | "paths" | "actions" | "forks", readonly TriggerEventName[]>
> = {
  branches: ["push", "pull_request"],
  tags: ["tag"],
  paths: ["push", "pull_request"],
  actions: ["pull_request"],
  forks: ["pull_request"],
};
