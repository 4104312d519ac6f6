import { untilAborted } from "../abortable.ts";
import type { SlipContext } from "../context.ts";
import { messageOf } from "../errors.ts";
import type { SlipSummary } from "../ports/slip-store.ts";
import { fromStore } from "../from-store.ts";
import type { LineagePush } from "./push.ts";
import { searchAncestors } from "./search.ts";

/** What a forge says was before where there was nothing. */
const NO_COMMIT = /^0*$/;

/**
 * The slip of the commits that a push has written anew: of what the branch pointed to before, where that is no part of
 * its history any more, or of the nearest commit behind it.
 */
export async function findRewritten(
  context: SlipContext,
  push: LineagePush,
  signal: AbortSignal | undefined,
): Promise<SlipSummary | null> {
  const { repository, commitSha, before, isForced } = push;
  if (NO_COMMIT.test(before) || before === commitSha || isForced === false) return null;
  const { graph, store, repositories } = context;
  let isAncestor: boolean | null = null;
  try {
    if (graph !== null)
      isAncestor = await untilAborted(graph.isAncestor(repository, before, commitSha, signal), signal);
    if (isAncestor === true) return null;
    if (isAncestor === false) {
      const [nearest] = (await searchAncestors(context, repository, before, { excluding: commitSha }, signal)).slips;
      if (nearest !== undefined) return nearest;
    }
  } catch (error) {
    if (signal?.aborted === true) throw error;
    context.logger.warn("what was pushed before cannot be looked up", { repository, error: messageOf(error) });
  }
  // The old commit is often gone with the push. Its slip is not; but only a push that says so has replaced it.
  if (isForced !== true) return null;
  const [slip] = await fromStore(
    () => store.findAllByCommits(repositories.names(repository), [before], signal),
    signal,
  );
  return slip ?? null;
}
