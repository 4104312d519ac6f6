import { isTerminalSlip, type SlipStatus, type StepStatus } from "./statuses.ts";

// Times are milliseconds since the epoch, UTC.

/** Who a change is by. Operators and other programs have names of their own. */
export const ACTORS = { library: "slippy-library", pre: "slippy-pre", post: "slippy-post" } as const;

/** What a push says of a component. */
export interface ComponentDefinition {
  /** Unique among the components of a push. */
  readonly name: string;
  readonly dockerfilePath: string;
}

export interface Component extends ComponentDefinition {
  /** By component step of the route, `build` and `unit_test` say. */
  readonly statuses: Readonly<Record<string, StepStatus>>;
  /** Empty: not known. */
  readonly imageTag: string;
}

export interface Step {
  readonly status: StepStatus;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  /** Of the last change; empty: nobody yet. */
  readonly actor: string;
  /** Why it failed; empty: it has not. */
  readonly error: string;
}

export interface HistoryEntry {
  /** `slip` for what happened to the slip as a whole. */
  readonly step: string;
  readonly component: string;
  /** Of the step; for entries of the slip, of the slip. */
  readonly status: StepStatus | SlipStatus;
  readonly timestamp: number;
  readonly actor: string;
  readonly message: string;
}

/** How an ancestor was found. */
export const LINKS = ["git", "squash", "rewrite", "cherry_pick"] as const;
export type Link = (typeof LINKS)[number];

/** An ancestor as it was when the link was made. */
export interface AncestorEntry {
  readonly commitSha: string;
  readonly repository: string;
  readonly correlationId: string;
  readonly status: SlipStatus;
  /** The first step in the order of the route that had failed; empty: none had. */
  readonly failedStep: string;
  readonly link: Link;
}

/** Where a commit is on its way, derived from what happened to it. */
export interface Slip {
  readonly slipId: string;
  /** The public key of a slip. */
  readonly correlationId: string;
  /** `owner/repo`; of a fork, of its upstream. */
  readonly repository: string;
  /** The repository that was pushed to: another one than `repository` for a fork. */
  readonly sourceRepository: string;
  readonly branch: string;
  readonly commitSha: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly status: SlipStatus;
  readonly components: readonly Component[];
  readonly steps: Readonly<Record<string, Step>>;
  readonly stateHistory: readonly HistoryEntry[];
  /** Oldest first; the slip's own commit is not in it. */
  readonly ancestry: readonly AncestorEntry[];
  /** Correlation id of the slip that this one became part of; empty: of none. */
  readonly promotedTo: string;
}

export function getStep(slip: Slip, name: string): Step | null {
  return Object.hasOwn(slip.steps, name) ? (slip.steps[name] ?? null) : null;
}

/** @returns null: the slip has no such component, or components have no such step */
export function getComponentStep(slip: Slip, component: string, step: string): StepStatus | null {
  const statuses = slip.components.find(({ name }) => name === component)?.statuses;
  return statuses !== undefined && Object.hasOwn(statuses, step) ? (statuses[step] ?? null) : null;
}

export function isComplete(slip: Pick<Slip, "status">): boolean {
  return isTerminalSlip(slip.status);
}

/** The commits of the chain, oldest first. */
export function chainOf(slip: Pick<Slip, "ancestry">): string[] {
  return slip.ancestry.map(({ commitSha }) => commitSha);
}

/** For people and logs: seven characters of a commit. */
export function shortSha(sha: string): string {
  return sha.slice(0, 7);
}
