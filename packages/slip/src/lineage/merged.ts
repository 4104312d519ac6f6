import { untilAborted } from "../abortable.ts";
import type { SlipContext } from "../context.ts";
import { messageOf } from "../errors.ts";
import type { PullRequest } from "../ports/commit-graph.ts";
import type { SlipSummary } from "../ports/slip-store.ts";
import { isSameRepository } from "../repositories/names.ts";
import { extractAllPRNumbers, mergedBranch } from "./messages.ts";
import type { LineagePush } from "./push.ts";
import { searchAncestors } from "./search.ts";

/** The slip of what a push has merged. */
export interface MergedSlip {
  readonly slip: SlipSummary;
  /** The commits of the merged branch that the base did not have. */
  readonly ownCommits: ReadonlySet<string>;
}

/**
 * Looks for what a pushed commit has merged, by the pull requests its message names. Those come first that became this
 * commit, then those that were merged at another time (a release names what it is made of), and only where that is
 * asked for those that never were: a message may mention anything.
 */
export async function findMerged(
  context: SlipContext,
  push: LineagePush,
  signal: AbortSignal | undefined,
): Promise<MergedSlip | null> {
  const { graph, lineage } = context;
  if (graph === null) return null;
  const numbers = extractAllPRNumbers(push.commitMessage);
  const branch = mergedBranch(push.commitMessage);
  if (numbers.length === 0 && branch === null) return null;
  const parents = await untilAborted(graph.parents(push.repository, push.commitSha, signal), signal);
  const [base, second] = parents;
  const ranked: { readonly pull: PullRequest; readonly rank: number }[] = [];
  for (const number of numbers) {
    try {
      const pull = await untilAborted(graph.pullRequest(push.repository, number, signal), signal);
      if (pull === null || pull.headSha === "") continue;
      ranked.push({ pull, rank: await rankOf(context, push, pull, base, signal) });
    } catch (error) {
      tryNext(context, `pull request #${number} cannot be looked up`, error, signal);
    }
  }
  // A plain merge says which branch it was, and its second parent is where that ended.
  if (second !== undefined && branch !== null) {
    ranked.push({ pull: { ...UNKNOWN_PULL, headSha: second, headBranch: branch }, rank: 0 });
  }
  for (const rank of lineage.acceptsUnmerged ? [0, 1, 2] : [0, 1]) {
    for (const { pull } of ranked.filter((each) => each.rank === rank)) {
      try {
        const found = await slipOf(context, push, pull, base, signal);
        if (found !== null) return found;
      } catch (error) {
        tryNext(context, `the history of pull request #${pull.number} cannot be read`, error, signal);
      }
    }
  }
  return null;
}

const UNKNOWN_PULL: PullRequest = {
  number: 0,
  headSha: "",
  headBranch: null,
  headRepository: null,
  baseBranch: null,
  isMerged: true,
  mergeCommitSha: null,
};

/** 0: merged as this commit; 1: merged as another one; 2: not merged, for all that can be told. */
async function rankOf(
  { graph }: SlipContext,
  { repository, commitSha }: LineagePush,
  pull: PullRequest,
  base: string | undefined,
  signal: AbortSignal | undefined,
): Promise<0 | 1 | 2> {
  if (pull.mergeCommitSha !== null && pull.isMerged !== false) return pull.mergeCommitSha === commitSha ? 0 : 1;
  if (pull.isMerged !== null) return pull.isMerged ? 1 : 2;
  const isIn = await graph?.isMergeOf(repository, commitSha, pull.headSha, signal);
  if (isIn !== true) return 2;
  if (base === undefined) return 0;
  return (await graph?.isMergeOf(repository, base, pull.headSha, signal)) === true ? 1 : 0;
}

/** The newest slip on the branch of a pull request: its last commit may have had none. */
async function slipOf(
  context: SlipContext,
  push: LineagePush,
  pull: PullRequest,
  base: string | undefined,
  signal: AbortSignal | undefined,
): Promise<MergedSlip | null> {
  const limits = { without: push.commitSha, ...(base === undefined ? {} : { excluding: base }) };
  let { slips, commits } = await searchAncestors(context, push.repository, pull.headSha, limits, signal);
  const { headRepository } = pull;
  if (commits.length === 0 && headRepository !== null && !isSameRepository(headRepository, push.repository)) {
    const ofFork = { ...limits, historyOf: headRepository };
    ({ slips, commits } = await searchAncestors(context, push.repository, pull.headSha, ofFork, signal));
  }
  const slip = slips.find(
    (each) =>
      // Behind where the branch began are slips of the base: without that place only the branch's name tells.
      (base !== undefined || (pull.headBranch !== null && each.branch === pull.headBranch)) &&
      (headRepository === null || isSameRepository(each.sourceRepository, headRepository)),
  );
  return slip === undefined ? null : { slip, ownCommits: new Set(commits) };
}

function tryNext(context: SlipContext, what: string, error: unknown, signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw error;
  context.observer.failed?.("github");
  context.logger.warn(`${what}, trying the next`, { error: messageOf(error) });
}
