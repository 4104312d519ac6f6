import type { SlipEvent, SlipHeader } from "../state/events.ts";
import type { SlipStatus } from "../statuses.ts";

/** A slip as it is stored. `foldSlip` makes the slip of it. */
export interface StoredSlip {
  readonly header: SlipHeader;
  /** In the order of the store: the same for everyone who reads, now and later, but for events that are added behind. */
  readonly events: readonly SlipEvent[];
  /** As `SlipStore.version` gives it for these events, or for fewer. */
  readonly version: string;
}

/** What is enough for lists and for looking ancestors up. */
export interface SlipSummary {
  readonly slipId: string;
  readonly correlationId: string;
  readonly repository: string;
  readonly sourceRepository: string;
  readonly branch: string;
  readonly commitSha: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** As the store's route gives it. */
  readonly status: SlipStatus;
  readonly promotedTo: string;
}

/** Versions of a slip around events that were added: whoever knows `before` has missed nothing, and knows `after` too. */
export interface AppendedVersions {
  /** Empty: the store cannot tell. */
  readonly before: string;
  readonly after: string;
}

export interface SlipQuery {
  readonly repositories?: readonly string[];
  readonly branch?: string;
  readonly statuses?: readonly SlipStatus[];
  /** Milliseconds since the epoch: slips made before, and from then on. */
  readonly createdBefore?: number;
  readonly createdFrom?: number;
  /** Goes on behind this one, the last of the page before. */
  readonly after?: Pick<SlipSummary, "createdAt" | "slipId">;
  /** At most 1000. */
  readonly limit: number;
}

/**
 * Keeps slips. Made for stores without transactions too: a slip is one row that is written once, and everything that
 * happens to it is a row of its own that is added. Nothing is read, changed and written back, so writers need not know
 * of each other, and **no update is lost**.
 *
 * Names of repositories are compared without regard to case, and kept as they were given.
 *
 * Every method throws the error of its signal where that is aborted, and `STORE_*` where the store fails.
 */
export interface SlipStore {
  /**
   * Keeps a new slip, unless the commit has one. Of several who do so at once for one commit exactly one makes it.
   *
   * @returns false: repository, source repository and commit have a slip already
   * @throws WaybillError `SLIP_CORRELATION_TAKEN`
   */
  create(header: SlipHeader, signal?: AbortSignal): Promise<boolean>;
  /**
   * Adds events, all or none, in their order and behind those that are there. Durable on return. An event whose id is
   * there already is left out.
   *
   * @throws WaybillError `SLIP_NOT_FOUND`
   */
  append(slipId: string, events: readonly SlipEvent[], signal?: AbortSignal): Promise<AppendedVersions>;
  load(correlationId: string, signal?: AbortSignal): Promise<StoredSlip | null>;
  loadById(slipId: string, signal?: AbortSignal): Promise<StoredSlip | null>;
  /**
   * The slip of a commit: of the repository itself before those of its forks.
   *
   * @param source only the slip of this source repository
   */
  loadByCommit(repository: string, sha: string, source?: string, signal?: AbortSignal): Promise<StoredSlip | null>;
  /**
   * The slip of the commit whose name begins so, the newest of several; exactly this name goes before.
   *
   * @param prefix at least 7 hexadecimal digits
   */
  findByCommit(repository: string, prefix: string, signal?: AbortSignal): Promise<SlipSummary | null>;
  /**
   * The slips of commits, in the order of `commits`, and of one commit in the order of `repositories`; at most one of
   * each commit and repository, that of the repository itself before those of its forks.
   */
  findAllByCommits(
    repositories: readonly string[],
    commits: readonly string[],
    signal?: AbortSignal,
  ): Promise<readonly SlipSummary[]>;
  /**
   * Changes with every event that is added, and is cheap to ask for: what holders do while they wait.
   *
   * @returns null: there is no such slip
   */
  version(correlationId: string, signal?: AbortSignal): Promise<string | null>;
  /** The newest first. */
  list(query: SlipQuery, signal?: AbortSignal): Promise<readonly SlipSummary[]>;
  close(): Promise<void>;
}
