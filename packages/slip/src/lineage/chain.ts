import type { Route } from "../route/route.ts";
import { getStep, type AncestorEntry, type Link, type Slip } from "../slip.ts";
import { isFailedStep } from "../statuses.ts";

/** The first step in the order of the route that has failed; empty: none has. */
export function failedStep(slip: Slip, route: Route): string {
  return route.steps.find(({ name }) => isFailedStep(getStep(slip, name)?.status ?? ""))?.name ?? "";
}

/** A slip as an ancestor, as it is now. */
export function ancestorEntry(slip: Slip, route: Route, link: Link): AncestorEntry {
  const { commitSha, repository, correlationId, status } = slip;
  return { commitSha, repository, correlationId, status, failedStep: failedStep(slip, route), link };
}

/** One chain out of several, the nearest at the end; of what is in more than one of them the first stays. */
export function joinChains(
  chains: readonly (readonly AncestorEntry[])[],
  ownCommit: string,
  limit: number,
): readonly AncestorEntry[] {
  const seen = new Set([ownCommit]);
  const joined = chains.flat().filter(({ commitSha }) => {
    if (seen.has(commitSha)) return false;
    seen.add(commitSha);
    return true;
  });
  return limit === 0 ? joined : joined.slice(-limit);
}
