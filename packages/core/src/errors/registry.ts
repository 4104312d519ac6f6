import type { ErrorDefinition, ParametersOf } from "./definition.ts";
import { accessErrors } from "./catalogue/access.ts";
import { apiErrors } from "./catalogue/api.ts";
import { artifactErrors } from "./catalogue/artifacts.ts";
import { backupErrors } from "./catalogue/backup.ts";
import { circuitBreakerErrors } from "./catalogue/circuit-breaker.ts";
import { cliErrors } from "./catalogue/cli.ts";
import { definitionErrors } from "./catalogue/definition.ts";
import { dockerErrors } from "./catalogue/docker.ts";
import { executorErrors } from "./catalogue/executors.ts";
import { expressionErrors } from "./catalogue/expressions.ts";
import { gitErrors } from "./catalogue/git.ts";
import { graphErrors } from "./catalogue/graph.ts";
import { internalErrors } from "./catalogue/internal.ts";
import { maskingErrors } from "./catalogue/masking.ts";
import { pipelineErrors } from "./catalogue/pipeline.ts";
import { projectErrors } from "./catalogue/projects.ts";
import { runErrors } from "./catalogue/run.ts";
import { sandboxImageErrors } from "./catalogue/sandbox-images.ts";
import { serverErrors } from "./catalogue/server.ts";
import { setupErrors } from "./catalogue/setup.ts";
import { simulationErrors } from "./catalogue/simulation.ts";
import { slipErrors } from "./catalogue/slip.ts";
import { storeErrors } from "./catalogue/store.ts";
import { triggerErrors } from "./catalogue/triggers.ts";
import { variableErrors } from "./catalogue/variables.ts";
import { yamlErrors } from "./catalogue/yaml.ts";

/**
 * Every error a person can meet, by code. The one place that knows messages, remedies, exit codes and HTTP statuses;
 * `docs/reference/errors.md` is generated from it.
 */
export const errorRegistry = {
  ...accessErrors,
  ...apiErrors,
  ...artifactErrors,
  ...backupErrors,
  ...circuitBreakerErrors,
  ...cliErrors,
  ...definitionErrors,
  ...dockerErrors,
  ...executorErrors,
  ...expressionErrors,
  ...gitErrors,
  ...graphErrors,
  ...internalErrors,
  ...maskingErrors,
  ...pipelineErrors,
  ...projectErrors,
  ...runErrors,
  ...sandboxImageErrors,
  ...serverErrors,
  ...setupErrors,
  ...simulationErrors,
  ...slipErrors,
  ...storeErrors,
  ...triggerErrors,
  ...variableErrors,
  ...yamlErrors,
} as const satisfies Readonly<Record<string, ErrorDefinition>>;

export type ErrorCode = keyof typeof errorRegistry;

export type ErrorParameters<Code extends ErrorCode> = ParametersOf<(typeof errorRegistry)[Code]>;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorRegistry, text);
}
