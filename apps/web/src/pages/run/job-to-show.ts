import type { Job } from "../../api/generated/operations.ts";

/**
 * The job somebody wants to see: the one that is asked for, else the first that failed by itself, else the first that
 * runs, else the one that ended last.
 */
export function jobToShow(jobs: readonly Job[], name: string | undefined): Job | null {
  const wanted = jobs.find((job) => job.name === name);
  if (wanted !== undefined) return wanted;
  const ofStatus = (status: Job["status"]): Job | undefined => jobs.find((job) => job.status === status);
  const last = jobs
    .filter(({ finished_at, started_at }) => finished_at !== null && started_at !== null)
    .toSorted((a, b) => (a.finished_at ?? "").localeCompare(b.finished_at ?? ""))
    .at(-1);
  return ofStatus("failed") ?? ofStatus("running") ?? ofStatus("retry") ?? last ?? jobs[0] ?? null;
}
