import type { SlipSummary } from "../ports/slip-store.ts";
import type { Slip } from "../slip.ts";

/** Slips at most that a list has at once. */
export const MAX_PAGE = 1000;

export function summaryOf(slip: Slip): SlipSummary {
  const { slipId, correlationId, repository, sourceRepository, branch, commitSha } = slip;
  const { createdAt, updatedAt, status, promotedTo } = slip;
  return {
    slipId,
    correlationId,
    repository,
    sourceRepository,
    branch,
    commitSha,
    createdAt,
    updatedAt,
    status,
    promotedTo,
  };
}
