import { WaybillError } from "@waybill/core";
import type { History } from "@waybill/git";
import type { AncestryQuery, CommitGraph, PullRequest } from "@waybill/slip";

export interface GitCommitGraphOptions {
  /** The history of `owner/repo` on this machine; null: there is none. */
  readonly historyOf: (repository: string) => History | null;
  /** Fetches what is new, where a commit that is asked for is not there. Default: nothing is fetched. */
  readonly update?: (repository: string) => Promise<void>;
}

/** Where forges keep the heads of pull and merge requests; mirrors have them too. */
const PULL_REFS = ["refs/pull/", "refs/merge-requests/"];

/**
 * The history of repositories through the git program: at any depth, without a forge. It knows nothing of pull requests
 * but their heads, and tells from the files whether one was merged. Forks are not known.
 */
export function gitCommitGraph({ historyOf, update }: GitCommitGraphOptions): CommitGraph {
  /** @param shas what has to be there */
  async function read<Value>(
    repository: string,
    shas: readonly string[],
    signal: AbortSignal | undefined,
    none: Value,
    work: (history: History) => Promise<Value>,
  ): Promise<Value> {
    signal?.throwIfAborted();
    const history = historyOf(repository);
    if (history === null) return none;
    try {
      if (update !== undefined && !(await hasAll(history, shas))) await update(repository);
      signal?.throwIfAborted();
      return await work(history);
    } catch (error) {
      if (signal?.aborted === true) throw error;
      const detail = error instanceof Error ? error.message : String(error);
      throw new WaybillError("SLIP_HISTORY_UNAVAILABLE", { repository, detail }, { cause: error });
    }
  }

  return {
    ancestry: (repository, ref, query: AncestryQuery, signal) =>
      read(repository, [ref], signal, [], async (history) => {
        const head = await history.resolve(ref);
        return head === null ? [] : await history.ancestors(head, query);
      }),
    isAncestor: (repository, ancestor, head, signal) =>
      read(repository, [head], signal, null, (history) => history.isInHistory(ancestor, head)),
    parents: (repository, sha, signal) => read(repository, [sha], signal, [], (history) => history.parents(sha)),
    pullRequest: (repository, number, signal) =>
      read(repository, [], signal, null, (history) => pullRequest(history, number)),
    isMergeOf: (repository, sha, head, signal) =>
      read(repository, [sha], signal, null, (history) => history.contains(sha, head)),
    trees: (repository, shas, signal) =>
      read(repository, shas.slice(0, 1), signal, new Map<string, string>(), (history) => history.trees(shas)),
    upstream: (_repository, signal) => {
      signal?.throwIfAborted();
      return Promise.resolve(null);
    },
  };
}

async function hasAll(history: History, refs: readonly string[]): Promise<boolean> {
  for (const ref of refs) if ((await history.resolve(ref)) === null) return false;
  return true;
}

async function pullRequest(history: History, number: number): Promise<PullRequest | null> {
  for (const prefix of PULL_REFS) {
    const headSha = await history.resolve(`${prefix}${number}/head`);
    if (headSha === null) continue;
    const branches = await history.branchesAt(headSha);
    return {
      number,
      headSha,
      // Of several that end there nobody can say which it was.
      headBranch: branches.length === 1 ? (branches[0] ?? null) : null,
      headRepository: null,
      baseBranch: null,
      isMerged: null,
      mergeCommitSha: null,
    };
  }
  return null;
}
