export type { Diagnostic } from "./diagnostics/diagnostic.ts";
export * from "./model/defaults.ts";
export {
  isDeferred,
  type ArtifactPaths,
  type DeferredText,
  type Environment,
  type PipelineDefinition,
  type PipelineJob,
  type PipelineStep,
  type RetryPolicy,
  type Text,
} from "./model/definition.ts";
export { checkDependencies } from "./graph/check-dependencies.ts";
export { DependencyGraph, type JobDuration, type RedundantDependency } from "./graph/dependency-graph.ts";
