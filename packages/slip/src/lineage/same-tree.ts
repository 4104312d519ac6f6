import { untilAborted } from "../abortable.ts";
import type { SlipContext } from "../context.ts";
import type { SlipSummary } from "../ports/slip-store.ts";
import { isSameRepository } from "../repositories/names.ts";
import { fromStore } from "../from-store.ts";
import type { LineagePush } from "./push.ts";

const CANDIDATES = 20;
const AGE_MS = 30 * 86_400_000;

/**
 * A squash by hand names nothing. Where its files are exactly those of a commit that was pushed to another branch of
 * late, it was made of that one in all likelihood. Enough for a link, not for a promotion.
 */
export async function findSameTree(
  { graph, store, clock }: SlipContext,
  push: LineagePush,
  known: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<SlipSummary | null> {
  if (graph === null) return null;
  const recent = await fromStore(
    () =>
      store.list(
        { repositories: [push.repository], createdFrom: clock.now() - AGE_MS, limit: 10 * CANDIDATES },
        signal,
      ),
    signal,
  );
  const candidates = recent
    .filter(
      ({ branch, commitSha, sourceRepository }) =>
        branch !== push.branch && !known.has(commitSha) && isSameRepository(sourceRepository, push.repository),
    )
    .slice(0, CANDIDATES);
  if (candidates.length === 0) return null;
  const shas = [push.commitSha, ...candidates.map(({ commitSha }) => commitSha)];
  const trees = await untilAborted(graph.trees(push.repository, shas, signal), signal);
  const own = trees.get(push.commitSha);
  if (own === undefined) return null;
  return candidates.find(({ commitSha }) => trees.get(commitSha) === own) ?? null;
}
