import type { JobRecord } from "../ports/run-store.ts";

export interface CriticalPath {
  /** In the order of time. None could have ended earlier without the run doing so, as far as one path tells. */
  readonly jobs: readonly { readonly id: string; readonly name: string }[];
}

/**
 * The chain of jobs that a run was, or is, as long as: from the one that ended last back over what each of them waited
 * for last. Jobs that did not run are on none. Linear in jobs and edges.
 */
export function criticalPath(
  jobs: readonly JobRecord[],
  dependenciesOf: (name: string) => readonly JobRecord[],
): CriticalPath {
  const path: JobRecord[] = [];
  for (let job = lastOf(jobs); job !== null; job = lastOf(dependenciesOf(job.name))) path.push(job);
  return { jobs: path.toReversed().map(({ id, name }) => ({ id, name })) };
}

function lastOf(jobs: readonly JobRecord[]): JobRecord | null {
  let last: JobRecord | null = null;
  for (const job of jobs) {
    if (job.startedAt === null) continue;
    if (last === null || endOf(job) > endOf(last)) last = job;
  }
  return last;
}

/** What has not ended ends later than all that has. */
function endOf({ finishedAt }: JobRecord): number {
  return finishedAt ?? Infinity;
}
