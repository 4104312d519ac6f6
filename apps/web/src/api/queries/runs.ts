import { call, type Args } from "../client.ts";
import type { Approval, Job, JobExplanation, LogLine, Run, RunDetails } from "../generated/operations.ts";
import { keys } from "../keys.ts";
import type { Query } from "../query.ts";

export interface RunPage {
  readonly items: readonly Run[];
  readonly next_cursor: string | null;
}

/** Runs of all projects that one may see, newest first. */
export function runsQuery(query: NonNullable<Args<"listRuns">["query"]>): Query<RunPage> {
  return { queryKey: [...keys.runs, query], queryFn: ({ signal }) => call("listRuns", { query, signal }) };
}

export function runQuery(id: string): Query<RunDetails> {
  return { queryKey: keys.runDetails(id), queryFn: ({ signal }) => call("getRun", { params: { id }, signal }) };
}

export interface JobList {
  readonly items: readonly Job[];
}

export function jobsQuery(runId: string): Query<JobList> {
  return { queryKey: keys.jobs(runId), queryFn: ({ signal }) => call("listJobs", { params: { id: runId }, signal }) };
}

/** Why a job ran, waits, was skipped or failed. */
export function explanationQuery(runId: string, jobId: string): Query<JobExplanation> {
  return {
    queryKey: keys.explanation(runId, jobId),
    queryFn: ({ signal }) => call("explainJob", { params: { id: jobId }, signal }),
  };
}

export function runApprovalsQuery(runId: string): Query<{ readonly items: readonly Approval[] }> {
  return {
    queryKey: keys.runApprovals(runId),
    queryFn: ({ signal }) => call("listApprovalsOfRun", { params: { id: runId }, signal }),
  };
}

/** What in a log looks like the beginning of a failure. */
const ERROR = [
  String.raw`[✗✖✘]`,
  // Also `AssertionError:`; not `0 errors`.
  String.raw`(?i)(error|exception)(\[\w+\])?(:|\s*$)`,
  String.raw`(?i)^\W*(error|fatal|panic|failed|failure|not ok)\b`,
  String.raw`(?i)\b(not found|no such file|permission denied|cannot)\b`,
].join("|");

/**
 * The first line of a step that looks like an error, else the last one it printed; null: it printed nothing.
 * @param step position of the step that failed
 */
export function firstErrorQuery(runId: string, jobId: string, step: number): Query<LogLine | null> {
  const params = { id: jobId };
  return {
    queryKey: [...keys.firstError(runId, jobId), step],
    queryFn: async ({ signal }) => {
      const found = await call("getJobLog", { params, query: { step, q: ERROR, limit: 1 }, signal });
      if (found.items[0] !== undefined) return found.items[0];
      const last = await call("getJobLog", { params, query: { step, tail: 1 }, signal });
      return last.items[0] ?? null;
    },
  };
}
