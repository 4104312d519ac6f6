export { attemptsOf } from "./explanation/attempts.ts";
export { causeText, endMeaning, endRemedy, retryRuleText } from "./explanation/failure-texts.ts";
export { explainJob, runsAsNobody } from "./explanation/explain-job.ts";
export type * from "./explanation/explanation.ts";
export { exitMeaning, type ExitMeaning } from "./explanation/exit-codes.ts";
export type { StoredRun } from "./explanation/stored-run.ts";
export { createEngine, type Engine, type ResumedRun, type RunHandle } from "./engine.ts";
export * from "./events.ts";
export { classifyEngineFailure, classifyFailure, type Evidence } from "./failures/classify-failure.ts";
export { FAILURE_CAUSES, type Failure, type FailureCause } from "./failures/failure.ts";
export { RETRY_BUDGET_MS, RETRY_RULES, type RetryRuleName } from "./failures/retry-decision.ts";
export { NO_SERVICES, type ServiceHealth } from "./machine/service-health.ts";
export { applyInput } from "./machine/apply-input.ts";
export type { Command, Input } from "./machine/inputs.ts";
export { retryDelayMs } from "./machine/retry-delay.ts";
export { restoreRunState, type RestoredRun, type RunRecords } from "./machine/restore-run-state.ts";
export { createRunState, type JobState, type RunState } from "./machine/run-state.ts";
export { Transition, type MachineServices } from "./machine/transition.ts";
export type * from "./ports/execution-callbacks.ts";
export * from "./ports/executor.ts";
// Executors know jobs only through the engine.
export { DEFAULT_PLACE, type JobPlace, type PipelineJob } from "@waybill/pipeline";
export * from "./ports/files.ts";
export type * from "./ports/job-gate.ts";
export { formatBytes } from "./run/transfer-progress.ts";
export type * from "./ports/run-queries.ts";
export * from "./ports/run-store.ts";
export { HandedOn } from "./run/handed-on.ts";
export type {
  EngineNotice,
  EnqueueRequest,
  EnginePorts,
  NoticeListener,
  ResumeRequest,
  RunRequest,
  RunResult,
  RunVariables,
  UnfinishedListener,
} from "./run/request.ts";
export { onlyExecutor } from "./run/only-executor.ts";
export { selectJobs } from "./run/select-jobs.ts";
export {
  Simulation,
  SIMULATED_OUTCOMES,
  type SimulatedEvent,
  type SimulatedOutcome,
  type SimulationOptions,
  type SimulationWarning,
} from "./simulation/simulation.ts";
export * from "./stages/stage-machine.ts";
export { progressOf, type RunProgress, type StageProgress } from "./stages/run-progress.ts";
export * from "./statuses.ts";
export {
  timelineOf,
  type JobTimeline,
  type RunTimeline,
  type Span,
  type TimelineAttempt,
} from "./timeline/timeline.ts";
