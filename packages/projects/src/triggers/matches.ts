import {
  DEFAULT_PULL_REQUEST_ACTIONS,
  DEFAULT_TRIGGERS,
  type PullRequestAction,
  type TriggerCondition,
} from "@waybill/pipeline";
import { patternList } from "./pattern-list.ts";
import type { PullRequestEvent, PushEvent, TagEvent, TriggerEvent, WebhookEvent } from "./trigger-event.ts";

/** Whether an event starts a run, and why in words for a person. */
export interface Decision {
  readonly isStarted: boolean;
  readonly reason: string;
}

/** Events that conditions are asked about. */
type ConditionalEvent = PushEvent | TagEvent | PullRequestEvent | WebhookEvent;

/** Names in a reason are cut here: they come from outside. */
const MAX_QUOTED = 100;

/**
 * Decides whether an event starts a pipeline.
 *
 * @param conditions of the definition at the event's commit
 * @param changedPaths relative to the repository, with `/`; null: not known, then no condition fails of them
 */
export function matches(
  conditions: readonly TriggerCondition[],
  event: TriggerEvent,
  changedPaths: readonly string[] | null,
): Decision {
  switch (event.kind) {
    case "manual":
      return { isStarted: true, reason: `${event.actor === "" ? "Somebody" : quoted(event.actor)} asked for it` };
    case "cron":
      return { isStarted: true, reason: `the schedule ${quoted(event.cron)} (${event.timezone}) was due` };
    case "deletion":
      return { isStarted: false, reason: `the ${event.of} ${quoted(event.name)} was deleted` };
    case "push":
    case "tag":
    case "pull_request":
    case "webhook":
      return matchesAny(conditions, event, changedPaths);
  }
}

/** Whether `matches` would look at changed paths, which cost a call of git to find. */
export function needsChangedPaths(conditions: readonly TriggerCondition[], event: TriggerEvent): boolean {
  if (event.kind !== "push" && event.kind !== "pull_request") return false;
  return conditions.some((condition) => condition.paths !== null && mismatch(condition, event, null) === null);
}

function matchesAny(
  conditions: readonly TriggerCondition[],
  event: ConditionalEvent,
  changedPaths: readonly string[] | null,
): Decision {
  const isDefault = conditions.length === 0;
  const reasons: string[] = [];
  for (const [index, condition] of (isDefault ? DEFAULT_TRIGGERS : conditions).entries()) {
    const problem = mismatch(condition, event, changedPaths);
    const name = isDefault ? "what holds without triggers" : `trigger ${index + 1}`;
    if (problem === null) return { isStarted: true, reason: `${describe(event)} fits ${name}` };
    reasons.push(`${name}: ${problem}`);
  }
  return { isStarted: false, reason: `${describe(event)} fits no trigger (${[...new Set(reasons)].join("; ")})` };
}

/** The first thing in which a condition does not fit; null: it does. */
function mismatch(
  condition: TriggerCondition,
  event: ConditionalEvent,
  changedPaths: readonly string[] | null,
): string | null {
  if (!condition.events.includes(event.kind)) return `it is for ${condition.events.join(", ")}`;
  switch (event.kind) {
    case "push":
      return wrongName("branch", condition.branches, event.branch) ?? wrongPaths(condition.paths, changedPaths);
    case "tag":
      return wrongName("tag", condition.tags, event.tag);
    case "pull_request":
      return (
        wrongAction(condition.actions ?? DEFAULT_PULL_REQUEST_ACTIONS, event) ??
        wrongOrigin(condition.forks, event) ??
        wrongName("target branch", condition.branches, event.targetBranch) ??
        wrongPaths(condition.paths, changedPaths)
      );
    case "webhook":
      return null;
  }
}

function wrongName(what: string, patterns: readonly string[] | null, name: string): string | null {
  if (patterns === null || patternList(patterns).isSelected(name)) return null;
  return `the ${what} ${quoted(name)} is not among ${patterns.map(quoted).join(", ")}`;
}

function wrongAction(actions: readonly PullRequestAction[], { action }: PullRequestEvent): string | null {
  return actions.includes(action) ? null : `a pull request that is ${action} is none of ${actions.join(", ")}`;
}

function wrongOrigin(forks: boolean | null, { isFork }: PullRequestEvent): string | null {
  if (forks === null || forks === isFork) return null;
  return isFork ? "pull requests from forks are left out" : "it is for pull requests from forks";
}

function wrongPaths(patterns: readonly string[] | null, changedPaths: readonly string[] | null): string | null {
  if (patterns === null || changedPaths === null) return null;
  const list = patternList(patterns);
  if (changedPaths.some((path) => list.isSelected(path))) return null;
  const count = `${changedPaths.length} changed ${changedPaths.length === 1 ? "path" : "paths"}`;
  return `none of the ${count} is among ${patterns.map(quoted).join(", ")}`;
}

function describe(event: ConditionalEvent): string {
  switch (event.kind) {
    case "push":
      return `the push to ${quoted(event.branch)}`;
    case "tag":
      return `the tag ${quoted(event.tag)}`;
    case "pull_request":
      return `pull request ${event.number} into ${quoted(event.targetBranch)}${event.isFork ? " from a fork" : ""}`;
    case "webhook":
      return "the webhook";
  }
}

function quoted(text: string): string {
  return `"${text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED - 1)}…` : text}"`;
}
