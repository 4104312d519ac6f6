export {
  COMMIT_STATES,
  type CommitState,
  type OutboxEntry,
  type ReportVersion,
  type StatusOutbox,
  type StatusReport,
} from "./outbox.ts";
export {
  GithubAppAuthentication,
  tokenAuthentication,
  type GithubAppSettings,
  type GithubAuthentication,
} from "./github/authentication.ts";
export { GithubReporter, type GithubReporterOptions } from "./github/github-reporter.ts";
export { GitlabReporter, type GitlabReporterOptions } from "./gitlab/gitlab-reporter.ts";
export { ForgeClient, isWorthAnotherTry, type ForgeClientOptions } from "./http/forge-client.ts";
export { reportDue, type ReportingOptions } from "./report-due.ts";
export type { StatusReporter } from "./reporter.ts";
