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
  artifacts: ["artifacts"],
  storage: ["storage"],
  system: ["system"],
  audit: ["audit"],
  users: ["users"],
  myTokens: ["my-tokens"],
  mySessions: ["my-sessions"],
  run: (id: string): QueryKey => ["run", id],
  runDetails: (id: string): QueryKey => ["run", id, "details"],
  jobs: (id: string): QueryKey => ["run", id, "jobs"],
  runApprovals: (id: string): QueryKey => ["run", id, "approvals"],
  explanation: (runId: string, jobId: string): QueryKey => ["run", runId, "explanation", jobId],
  problems: (runId: string, jobId: string): QueryKey => ["run", runId, "problems", jobId],
  timeline: (id: string): QueryKey => ["run", id, "timeline"],
  environment: (id: string): QueryKey => ["run", id, "environment"],
  runArtifacts: (id: string): QueryKey => ["run", id, "artifacts"],
  artifactFiles: (id: string): QueryKey => ["artifact", id, "files"],
  artifact: (id: string): QueryKey => ["artifacts", id],
  environments: (projectId: string): QueryKey => ["environments", projectId],
  secrets: (projectId: string): QueryKey => ["secrets", projectId],
  members: (projectId: string): QueryKey => ["members", projectId],
  machineTokens: (projectId: string): QueryKey => ["machine-tokens", projectId],
  pipeline: (id: string): QueryKey => ["pipelines", id],
} as const;
