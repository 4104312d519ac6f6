import { gitCommitGraph } from "@waybill/commit-graphs";
import { openHistory } from "@waybill/git";
import type { CommitGraph } from "@waybill/slip";

/** The history of a checkout or mirror, taken for that of whatever repository is asked about. */
export function openLocalGraph(directory: string): CommitGraph {
  const history = openHistory(directory);
  return gitCommitGraph({ historyOf: () => history });
}
