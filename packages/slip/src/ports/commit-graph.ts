/** Which commits. */
export interface AncestryQuery {
  /** At most so many. */
  readonly limit: number;
  /** Leaves out so many of the newest: what was asked for before. */
  readonly skip?: number;
  /** Leaves out the history of this commit: what is behind where a branch began. */
  readonly excluding?: string;
}

/** A pull or merge request; null: it cannot be told. */
export interface PullRequest {
  readonly number: number;
  readonly headSha: string;
  readonly headBranch: string | null;
  readonly headRepository: string | null;
  readonly baseBranch: string | null;
  readonly isMerged: boolean | null;
  /** The commit that it became in the base branch. */
  readonly mergeCommitSha: string | null;
}

/**
 * The history of repositories. Repositories are `owner/repo`; commits are full names.
 *
 * Every method throws the error of its signal where that is aborted, and a coded error where the history is not to be
 * had (`SLIP_HISTORY_UNAVAILABLE` and what the adapter adds). Lineage goes on without it.
 */
export interface CommitGraph {
  /**
   * The history of a ref, newest first, its own commit included; empty where there is no such commit.
   *
   * @param ref a branch, a tag or a commit
   */
  ancestry(repository: string, ref: string, query: AncestryQuery, signal?: AbortSignal): Promise<readonly string[]>;
  /** Null: one of the commits is not known. */
  isAncestor(repository: string, ancestor: string, head: string, signal?: AbortSignal): Promise<boolean | null>;
  /** The first one is what a branch had before. Empty: the first commit, or an unknown one. */
  parents(repository: string, sha: string, signal?: AbortSignal): Promise<readonly string[]>;
  /** Null: there is none of that number. */
  pullRequest(repository: string, number: number, signal?: AbortSignal): Promise<PullRequest | null>;
  /**
   * Whether a commit brings what is in `head` into its first parent, as a squash or a merge does; null: it cannot be told.
   * Asked only where a pull request does not say what it was merged as.
   */
  isMergeOf(repository: string, sha: string, head: string, signal?: AbortSignal): Promise<boolean | null>;
  /** Names of the trees of commits, of those that are known. */
  trees(repository: string, shas: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** What the repository is a fork of; null: of none, or it cannot be told. */
  upstream(repository: string, signal?: AbortSignal): Promise<string | null>;
}
