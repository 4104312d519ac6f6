/** Copies of remote repositories on this machine. */
export interface Mirrors {
  /**
   * The one form in which the address of a repository is kept.
   * @throws WaybillError `GIT_ADDRESS_INVALID`
   */
  address(url: string): string;
  /**
   * The mirror of a repository; nothing is fetched yet.
   * @param scope mirrors of one address and different scopes share nothing: what one was given to fetch with opens
   *   nothing to those who use another. Default: the one of everybody
   * @throws WaybillError `GIT_ADDRESS_INVALID`
   */
  of(url: string, scope?: string): Mirror;
  /**
   * Asks a repository of which nothing is kept here, in bounded time: its default branch, and the files of its newest
   * commit. What was fetched for that is gone when it is disposed of.
   * @throws WaybillError as `Mirror.update`
   */
  probe(url: string, credentials?: GitCredentials): Promise<RepositoryProbe>;
}

/** Which commits of a history. */
export interface AncestorQuery {
  readonly limit: number;
  /** Leaves out so many of the newest; default: none. */
  readonly skip?: number;
  /** Leaves out the history of this commit. */
  readonly excluding?: string;
}

/** What a repository on this machine tells of its commits. Commits are full names; unknown ones are no error. */
export interface History {
  /** As `Mirror.resolve`. */
  resolve(ref: string): Promise<string | null>;
  has(sha: string): Promise<boolean>;
  /** The commit and what is behind it, newest first; empty: it is not known. */
  ancestors(head: string, query: AncestorQuery): Promise<readonly string[]>;
  /** Null: one of them is not known. */
  isInHistory(sha: string, head: string): Promise<boolean | null>;
  parents(sha: string): Promise<readonly string[]>;
  /** Names of the trees of those that are known. */
  trees(shas: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * Whether merging `head` into a commit would change nothing: all that was done there is in it already. Null: one of
   * them is not known, or the repository is not ours to merge in.
   */
  contains(sha: string, head: string): Promise<boolean | null>;
  /** Names of the branches that end there. */
  branchesAt(sha: string): Promise<readonly string[]>;
}

/** A bare copy of one repository. Every operation but `update` works on what was fetched last. */
export interface Mirror {
  readonly history: History;
  /**
   * Fetches all that the remote has, and forgets what it has no more. Of processes that do so at once one goes first.
   * @throws WaybillError `GIT_UNREACHABLE`, `GIT_ACCESS_DENIED`, `GIT_TIMED_OUT`, `GIT_TOO_LARGE`, `GIT_FAILED`
   */
  update(credentials?: GitCredentials): Promise<void>;
  /**
   * The full name of a commit: 40 or 64 hexadecimal digits. A tag stands for the commit it points to.
   * @param ref `refs/heads/main`, `main`, a tag, or the name of a commit
   * @returns null: there is none of that name
   */
  resolve(ref: string): Promise<string | null>;
  /** Whether a commit is part of the history of another one, or is that one. Both are full names. */
  isInHistory(sha: string, head: string): Promise<boolean>;
  /** The newest commit that both have in their history; null: there is none. Both are full names. */
  mergeBase(one: string, other: string): Promise<string | null>;
  /**
   * @param path relative to the top, `/` between names
   * @returns null: there is no such file in the commit
   * @throws WaybillError `GIT_FILE_TOO_LARGE`
   */
  readFile(sha: string, path: string, maxBytes: number): Promise<Buffer | null>;
  /**
   * Paths that differ between two commits, old and new names of moved files both; `from` null: all paths of `to`.
   * @throws WaybillError `GIT_TOO_LARGE` for more than 64 MiB of names
   */
  changedPaths(from: string | null, to: string): Promise<readonly string[]>;
  /**
   * Writes the files of a commit into an empty directory: copies, of which nothing leads back into the mirror. A file
   * `DIRECTORY.index` lies beside it meanwhile.
   * @throws WaybillError `GIT_NO_COMMIT`, `GIT_TIMED_OUT`, `GIT_FAILED`
   */
  checkOut(sha: string, directory: string): Promise<void>;
}

/** A repository as it was found. */
export interface RepositoryProbe extends AsyncDisposable {
  /** The one form in which its address is kept. */
  readonly url: string;
  /** Null: it does not say, or has no commit. */
  readonly defaultBranch: string | null;
  /** Of that branch; null: the repository is empty. */
  readonly sha: string | null;
  /** Of all files. */
  paths(): Promise<readonly string[]>;
  /** As `Mirror.readFile`. */
  readFile(path: string, maxBytes: number): Promise<Buffer | null>;
}

/** For `https://`. Never part of an address, an argument list, an environment or a file. */
export interface GitCredentials {
  readonly username: string;
  readonly password: string;
}
