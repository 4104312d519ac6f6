export {
  DEFAULT_HOLD_TIMEOUT_MS,
  DEFAULT_LINEAGE,
  DEFAULT_POLL_INTERVAL_MS,
  SlipClient,
  type SlipClientOptions,
} from "./client.ts";
export type { LineageSettings } from "./context.ts";
export { formatDuration, parseDuration } from "./durations.ts";
export { HoldTimedOutError, PrerequisitesFailedError } from "./errors.ts";
export { commitInImageTag } from "./image-tag.ts";
export {
  ancestryFromJson,
  ancestryToJson,
  componentToJson,
  historyToJson,
  parseSlip,
  slipFromJson,
  slipToJson,
  stepToJson,
} from "./json/slip-json.ts";
export {
  cherryPickedCommits,
  extractAllPRNumbers,
  extractPRNumber,
  isCherryPick,
  isForceOrRewrite,
} from "./lineage/messages.ts";
export type { AncestryQuery, CommitGraph, PullRequest } from "./ports/commit-graph.ts";
export { silentLogger, type LogFields, type SlipLogger } from "./ports/logger.ts";
export type { FailedOperation, SlipObserver } from "./ports/observer.ts";
export type { AppendedVersions, SlipQuery, SlipStore, SlipSummary, StoredSlip } from "./ports/slip-store.ts";
export type { WakeUps } from "./ports/wake-ups.ts";
export { validatePush, type PushOptions } from "./push.ts";
export { ALL_REPOSITORIES, isEnabled, parseRepositoryFilter, type RepositoryFilter } from "./repositories/filter.ts";
export { NO_IDENTITY, type RepositoryAlias, type RepositoryIdentity } from "./repositories/identity.ts";
export {
  isSameRepository,
  parseRepository,
  repositoryFromAddress,
  repositoryKey,
  type RepositoryName,
} from "./repositories/names.ts";
export type { ResolvedSlip, ResolveOptions } from "./resolve.ts";
export { checkRoute, parseRoute } from "./route/parse-route.ts";
export {
  aggregatesOf,
  DEFAULT_ROUTE,
  findStep,
  firstStep,
  isComponentStep,
  routeToJson,
  stepNames,
  type Route,
  type RouteStep,
} from "./route/route.ts";
export * from "./slip.ts";
export { EVENT_KINDS, type EventKind, type SlipEvent, type SlipHeader } from "./state/events.ts";
export { foldSlip } from "./state/fold.ts";
export * from "./statuses.ts";
export type {
  ExecutionOptions,
  PostExecutionOptions,
  PreExecutionOptions,
  PreExecutionOutcome,
  PreExecutionResult,
} from "./steps/executor.ts";
export { checkPrerequisites, type PrerequisiteResult } from "./steps/prerequisites.ts";
export type { StepUpdate } from "./steps/update.ts";
export { MemorySlipStore } from "./stores/memory-store.ts";
export { MAX_PAGE, summaryOf } from "./stores/summary.ts";
export { configInvalid, SlipConfig, type Environment, type SlipSettings } from "./config/config.ts";
