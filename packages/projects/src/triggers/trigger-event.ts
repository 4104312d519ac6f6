import type { InputValue, PullRequestAction } from "@waybill/pipeline";

/**
 * What may start runs, in the same words whoever tells of it. It is made from outside input that has been checked: names
 * of refs are valid, ids of commits whole. Texts are whatever somebody chose to write.
 */
export type TriggerEvent =
  PushEvent | TagEvent | DeletionEvent | PullRequestEvent | ManualEvent | CronEvent | WebhookEvent;

export type TriggerKind = TriggerEvent["kind"];

/** A repository as a forge names it. Its addresses serve to recognise it; nothing is ever fetched from them. */
export interface EventRepository {
  /** `owner/name`, or as many parts as the forge has. */
  readonly name: string;
  /** Addresses for cloning and for people. */
  readonly urls: readonly string[];
}

interface RepositoryEvent {
  /** Id of the webhook source; `git` for a hook of a plain repository, `waybill` for people and clocks. */
  readonly source: string;
  readonly repository: EventRepository;
  /** Who did it, as the forge names them; empty: nobody is named. */
  readonly actor: string;
}

export interface PushEvent extends RepositoryEvent {
  readonly kind: "push";
  readonly branch: string;
  /** Null: the branch is new. */
  readonly before: string | null;
  readonly sha: string;
}

export interface TagEvent extends RepositoryEvent {
  readonly kind: "tag";
  readonly tag: string;
  /** Of the commit, where the forge says it, else of the tag itself. */
  readonly sha: string;
}

/** Starts nothing. */
export interface DeletionEvent extends RepositoryEvent {
  readonly kind: "deletion";
  readonly of: "branch" | "tag";
  readonly name: string;
}

export interface PullRequestEvent extends RepositoryEvent {
  readonly kind: "pull_request";
  readonly action: PullRequestAction;
  /** As people see it. */
  readonly number: number;
  /** The newest commit of the pull request. */
  readonly sha: string;
  readonly sourceBranch: string;
  readonly targetBranch: string;
  /** The target branch's commit; null: the forge does not say. */
  readonly baseSha: string | null;
  /** Whether its commits come from another repository. */
  readonly isFork: boolean;
  /** Whether the forge calls the author one of the repository's own people; null: it does not say. */
  readonly isFromMember: boolean | null;
  /** Where the target repository itself has the commit. Forks are never fetched from. */
  readonly fetchRef: string;
  /** Of one that is closed: whether it got in. */
  readonly isMerged: boolean;
}

/** A person or a program asks for a run. */
export interface ManualEvent extends RepositoryEvent {
  readonly kind: "manual";
  readonly branch: string | null;
  readonly tag: string | null;
  /** Null: the newest of the branch. */
  readonly sha: string | null;
  readonly inputs: Readonly<Record<string, InputValue>>;
}

export interface CronEvent extends RepositoryEvent {
  readonly kind: "cron";
  readonly branch: string;
  readonly cron: string;
  readonly timezone: string;
  /** Milliseconds since the epoch: the time that was due, not the one it started at. */
  readonly dueAt: number;
}

/** A signed request for a run. */
export interface WebhookEvent extends RepositoryEvent {
  readonly kind: "webhook";
  readonly branch: string | null;
  readonly tag: string | null;
  readonly sha: string | null;
  /** Unchecked: the pipeline says what it takes. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** The ref as git names it, for `pipeline_runs.git_ref`; null: the event names only a commit. */
export function gitRefOf(event: TriggerEvent): string | null {
  switch (event.kind) {
    case "push":
    case "cron":
      return `refs/heads/${event.branch}`;
    case "tag":
      return `refs/tags/${event.tag}`;
    case "deletion":
      return `refs/${event.of === "branch" ? "heads" : "tags"}/${event.name}`;
    case "pull_request":
      return event.fetchRef;
    case "manual":
    case "webhook":
      if (event.branch !== null) return `refs/heads/${event.branch}`;
      return event.tag === null ? null : `refs/tags/${event.tag}`;
  }
}
