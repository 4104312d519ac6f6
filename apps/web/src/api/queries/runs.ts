import { call, type Args } from "../client.ts";
import type {
  Approval,
  Artifact,
  ArtifactFiles,
  Job,
  JobExplanation,
  Run,
  RunDetails,
  RunEnvironment,
  RunTimeline,
} from "../generated/operations.ts";
import { joined, NO_PROBLEMS, type JobProblems } from "../../log/log-problems.ts";
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

/** Slices of a log that are looked through: enough for one of ten million lines. */
const MAX_SLICES = 40;
/** More problems than these are no longer shown one by one. */
const MAX_PROBLEMS = 5_000;

/** Errors and warnings of a job's log, and which lines are of which step. */
export function problemsQuery(runId: string, jobId: string): Query<JobProblems> {
  return {
    queryKey: keys.problems(runId, jobId),
    queryFn: async ({ signal }) => {
      let all = NO_PROBLEMS;
      for (let slice = 0, from = 0; slice < MAX_SLICES; slice += 1) {
        const found = await call("listJobLogProblems", { params: { id: jobId }, query: { from }, signal });
        all = joined(all, found);
        if (found.is_complete || found.next_line <= from || all.items.length > MAX_PROBLEMS) break;
        from = found.next_line;
      }
      return all;
    },
  };
}

/** Where the time of a run went, and its critical path. */
export function timelineQuery(runId: string): Query<RunTimeline> {
  return {
    queryKey: keys.timeline(runId),
    queryFn: ({ signal }) => call("getRunTimeline", { params: { id: runId }, signal }),
  };
}

export function environmentQuery(runId: string): Query<RunEnvironment> {
  return {
    queryKey: keys.environment(runId),
    queryFn: ({ signal }) => call("getRunEnvironment", { params: { id: runId }, signal }),
  };
}

export function artifactsQuery(runId: string): Query<{ readonly items: readonly Artifact[] }> {
  return {
    queryKey: keys.runArtifacts(runId),
    queryFn: ({ signal }) => call("listArtifactsOfRun", { params: { id: runId }, signal }),
  };
}

/** The first files of an artifact by their paths; it never changes. */
export function artifactFilesQuery(id: string, prefix: string): Query<ArtifactFiles> {
  return {
    queryKey: [...keys.artifactFiles(id), prefix],
    queryFn: ({ signal }) =>
      call("listArtifactFiles", {
        params: { id },
        query: { limit: 500, ...(prefix === "" ? {} : { prefix }) },
        signal,
      }),
  };
}
