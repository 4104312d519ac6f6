export { parsePipeline, type ParseOptions, type ParseResult } from "./parse-pipeline.ts";
export { parsePipelineOrThrow } from "./errors/parse-pipeline-or-throw.ts";
export { PipelineParserError, type SourceLocation } from "./errors/pipeline-parser-error.ts";
export { errorOf, PipelineErrors } from "./errors/pipeline-errors.ts";
export { CircularDependencyError, ValidationError, VariableResolutionError } from "./errors/specific-errors.ts";
export type { Diagnostic } from "./diagnostics/diagnostic.ts";
export { renderDiagnostic, type RenderOptions } from "./diagnostics/render.ts";
export { diagnosticToJson, type DiagnosticJson } from "./diagnostics/to-json.ts";
export type { PipelineFormat } from "./formats/format.ts";
export { formatFor, pipelineFormats } from "./formats/registry.ts";
export { validateJobName } from "./formats/waybill/job-name.ts";
export {
  DEFAULT_PLACE,
  parseMemory,
  type Isolation,
  type JobPlace,
  type PullPolicy,
  type Resources,
} from "./model/job-place.ts";
export type { PipelineTemplate } from "./model/template.ts";
export * from "./model/defaults.ts";
export {
  isDeferred,
  type Artifacts,
  type ArtifactSpec,
  type DeferredText,
  type Environment,
  type PipelineDefinition,
  type PipelineJob,
  type PipelineStep,
  type RetryPolicy,
  type Text,
} from "./model/definition.ts";
export {
  DEFAULT_BACKOFF,
  FAILURE_CATEGORIES,
  plainRetry,
  writtenCondition,
  type Backoff,
  type ExitCodes,
  type FailureCategory,
  type RetryCondition,
  type RetryRule,
} from "./model/retry-rule.ts";
export type { RetryJson } from "./model/retry-json.ts";
export { cronProblem } from "./model/cron-syntax.ts";
export { EVENT_VARIABLES, type ConcurrencyRule, type EventVariable } from "./model/concurrency.ts";
export {
  INPUT_PREFIX,
  INPUT_TYPES,
  type InputType,
  type InputValue,
  type PipelineInput,
  type PipelineInputs,
} from "./model/input.ts";
export { DEFAULT_TIME_ZONE, isTimeZone, type ScheduleRule } from "./model/schedule.ts";
export {
  anyOf,
  DEFAULT_PULL_REQUEST_ACTIONS,
  DEFAULT_TRIGGERS,
  PULL_REQUEST_ACTIONS,
  TRIGGER_EVENTS,
  type PullRequestAction,
  type TriggerCondition,
  type TriggerEventName,
} from "./model/trigger.ts";
export type { MissingInputs } from "./inputs/bind-inputs.ts";
export { inputValues } from "./inputs/input-values.ts";
export { checkDependencies } from "./graph/check-dependencies.ts";
export { DependencyGraph, type JobDuration, type RedundantDependency } from "./graph/dependency-graph.ts";
export { planToJson, type PlanJson, type PlannedJobJson, type PlannedStepJson } from "./plan/plan-json.ts";
export { planOf, type Plan, type PlannedJob, type PlannedStep } from "./plan/plan.ts";
export { GRAPH_FORMATS, renderGraph, type GraphFormat } from "./plan/render-graph.ts";
export { renderPlan } from "./plan/render-plan.ts";
export {
  dependencyGraphOf,
  getExecutionOrder,
  getJobByName,
  getJobDependencies,
} from "./model/definition-operations.ts";
export { definitionFromJson, definitionToJson, type JsonObject, type JsonValue } from "./model/json.ts";
export * from "./model/ranges.ts";
export {
  completeEventText,
  completeText,
  evaluateCondition,
  mergedEnvironment,
  resolvePipeline,
  RUNTIME_VARIABLES,
  SYSTEM_VARIABLE_NAMES,
  systemVariables,
  unknownSecrets,
  VariableSubstitution,
  type ConditionContext,
  type RunContext,
  type SettledJob,
  type VariableInputs,
} from "./variables/index.ts";
