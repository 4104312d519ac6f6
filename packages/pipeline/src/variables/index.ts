export { completeText, type RunContext, type SettledJob } from "./complete-text.ts";
export { evaluateCondition, type ConditionContext } from "./condition.ts";
export { completeEventText } from "./event-text.ts";
export { mergedEnvironment } from "./merged-environment.ts";
export { RUNTIME_VARIABLES, SYSTEM_VARIABLE_NAMES, systemVariables } from "./names.ts";
export { resolvePipeline, type VariableInputs } from "./resolve-pipeline.ts";
export { unknownSecrets } from "./unknown-secrets.ts";
export { VariableSubstitution } from "./variable-substitution.ts";
