import { untilAborted } from "../abortable.ts";
import type { SlipContext } from "../context.ts";
import type { SlipSummary } from "../ports/slip-store.ts";
import { fromStore } from "../from-store.ts";

export interface AncestorSearch {
  /** The nearest first. */
  readonly slips: readonly SlipSummary[];
  /** The commits that were looked at, the newest first. */
  readonly commits: readonly string[];
}

export interface SearchLimits {
  /** Commits that are no ancestors: the pushed one itself. */
  readonly without?: string;
  /** Commits whose history does not count. */
  readonly excluding?: string;
  /** Where the commits are, if not in the repository whose slips are looked for. */
  readonly historyOf?: string;
}

/**
 * Slips in the history of a ref: among the nearest commits first, and where there is none among more of them.
 *
 * @throws what the graph throws; `SLIP_OPERATION_FAILED` where the store fails
 */
export async function searchAncestors(
  context: SlipContext,
  repository: string,
  ref: string,
  { without, excluding, historyOf = repository }: SearchLimits,
  signal: AbortSignal | undefined,
): Promise<AncestorSearch> {
  const { graph, store, repositories, lineage } = context;
  if (graph === null) return { slips: [], commits: [] };
  const commits: string[] = [];
  const names = repositories.names(repository);
  for (const limit of [lineage.depth, lineage.maxDepth - lineage.depth]) {
    if (limit <= 0) break;
    const query = { limit, skip: commits.length, ...(excluding === undefined ? {} : { excluding }) };
    const more = await untilAborted(graph.ancestry(historyOf, ref, query, signal), signal);
    const candidates = more.filter((sha) => sha !== without);
    commits.push(...more);
    const also = candidates.flatMap((sha) => [sha, ...formerNames(context, repository, sha)]);
    const slips = also.length === 0 ? [] : await fromStore(() => store.findAllByCommits(names, also, signal), signal);
    if (slips.length > 0) return { slips, commits };
    // What is shorter than was asked for is all there is.
    if (more.length < limit) break;
  }
  return { slips: [], commits };
}

/** What a commit was called before its repository moved. */
function formerNames({ repositories }: SlipContext, repository: string, sha: string): readonly string[] {
  return repositories.aliasesOf(repository).flatMap(({ alias }) => {
    const former = Object.hasOwn(alias.commits, sha) ? alias.commits[sha] : undefined;
    return former === undefined ? [] : [former];
  });
}
