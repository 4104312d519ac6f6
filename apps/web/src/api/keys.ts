import type { QueryKey } from "@tanstack/react-query";

/**
 * Names of what is cached, in one place: queries read under them, the table of events (src/live/effects.ts) says which
 * of them an event changes. A name begins with those it is part of, so that `run(id)` stands for all of a run.
 */
export const keys = {
  me: ["me"],
  signIn: ["sign-in"],
  runs: ["runs"],
  projects: ["projects"],
  pipelines: ["pipelines"],
  approvals: ["approvals"],
  notifications: ["notifications"],
  users: ["users"],
  run: (id: string): QueryKey => ["run", id],
  runDetails: (id: string): QueryKey => ["run", id, "details"],
  jobs: (id: string): QueryKey => ["run", id, "jobs"],
  runApprovals: (id: string): QueryKey => ["run", id, "approvals"],
  explanation: (runId: string, jobId: string): QueryKey => ["run", runId, "explanation", jobId],
  firstError: (runId: string, jobId: string): QueryKey => ["run", runId, "first-error", jobId],
  project: (id: string): QueryKey => ["projects", id],
  members: (projectId: string): QueryKey => ["projects", projectId, "members"],
  pipeline: (id: string): QueryKey => ["pipelines", id],
  definition: (pipelineId: string): QueryKey => ["pipelines", pipelineId, "definition"],
  statistics: (pipelineId: string): QueryKey => ["pipelines", pipelineId, "statistics"],
  hook: (pipelineId: string): QueryKey => ["pipelines", pipelineId, "hook"],
  search: (text: string): QueryKey => ["search", text],
} as const;
