/** How a run or one of its jobs stands, for a forge. The words of forges differ; their adapters know them. */
export const COMMIT_STATES = ["pending", "running", "success", "failure", "error", "cancelled", "skipped"] as const;

export type CommitState = (typeof COMMIT_STATES)[number];

/** What stands beside a commit at its forge. */
export interface StatusReport {
  /** Id of the configured forge. */
  readonly forge: string;
  /** As the forge names it: `owner/name`. */
  readonly repository: string;
  readonly sha: string;
  /** Under this name there is one status of a commit. For example `waybill/webshop`. */
  readonly context: string;
  readonly state: CommitState;
  /** A line for people. */
  readonly description: string;
  /** The run's page; null: it has none. */
  readonly url: string | null;
  /** Branch or tag, where the forge wants to know; null: not known. */
  readonly ref: string | null;
  /** Milliseconds since the epoch; null: not yet. */
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

/** What orders reports on one commit and context: later runs over earlier ones, later events over earlier ones. */
export interface ReportVersion {
  readonly runNumber: number;
  readonly seq: number;
}

export interface OutboxEntry {
  readonly id: string;
  readonly report: StatusReport;
  readonly version: ReportVersion;
  /** That have failed. */
  readonly attempts: number;
  /** What the forge called it when it was told first; null: it has not been. */
  readonly remoteId: string | null;
  /** Since when it has been waiting to be told: milliseconds since the epoch. */
  readonly updatedAt: number;
}

/**
 * What forges are to be told, kept until they are. There is one entry for a commit and context, so they are told in
 * order, and of states that followed each other before anybody was told only the last.
 */
export interface StatusOutbox {
  /** Keeps a report. One of an earlier or the same version is left out. @returns whether it is new */
  put(report: StatusReport, version: ReportVersion, now: number): Promise<boolean>;
  /** Takes what is due, for one server alone and until `leaseUntil`; null: nothing is. */
  take(now: number, leaseUntil: number): Promise<OutboxEntry | null>;
  /** It was told. What was put meanwhile is due at once. */
  told(entry: OutboxEntry, remoteId: string | null): Promise<void>;
  /** It could not be told. What was put meanwhile waits as well: it is the same forge. */
  retry(entry: OutboxEntry, nextAttemptAt: number, problem: string): Promise<void>;
  /** It never will be told. */
  giveUp(entry: OutboxEntry, problem: string): Promise<void>;
  /** When the next one may be told; null: none waits. */
  nextAttemptAt(): Promise<number | null>;
  /** Drops what was put earlier and has been told or given up. */
  forget(before: number): Promise<void>;
}
