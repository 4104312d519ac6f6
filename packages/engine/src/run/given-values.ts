import { mergedEnvironment, unknownSecrets, type PipelineDefinition, type PipelineJob } from "@waybill/pipeline";
import type { RunVariables } from "./request.ts";

/** Before the name of a secret among names of variables, which hold no dots. */
const SECRET_PREFIX = "secrets.";

/** Names of all that a run is given and whose values are not stored, secrets as `secrets.NAME`. */
export function namesToGiveAgain({ parameters, secrets = {} }: RunVariables): readonly string[] {
  return [...Object.keys(parameters), ...Object.keys(secrets).map((name) => SECRET_PREFIX + name)];
}

export function isSecretToGiveAgain(name: string): boolean {
  return name.startsWith(SECRET_PREFIX);
}

/** Of the secrets that were given, those the run was started with. @param names as of `namesToGiveAgain` */
export function secretsOf(names: readonly string[], { secrets = {} }: RunVariables): Record<string, string> {
  const known = new Set(names);
  return Object.fromEntries(Object.entries(secrets).filter(([name]) => known.has(SECRET_PREFIX + name)));
}

/**
 * Secrets that steps of these jobs need and that were not given, each with the first job that needs it:
 * `TOKEN (job deploy)`.
 */
export function missingSecrets(
  definition: PipelineDefinition,
  jobs: readonly string[],
  { parameters, secrets = {}, secretsOfJobs }: RunVariables,
): readonly string[] {
  const missing = new Map<string, string>();
  for (const job of jobs) {
    const { steps } = definition.jobs.get(job) as PipelineJob;
    const own = secretsOfJobs?.get(job) ?? [];
    const known = own.length === 0 ? secrets : { ...secrets, ...Object.fromEntries(own.map((name) => [name, ""])) };
    for (const step of steps) {
      const environment = mergedEnvironment(definition, definition.jobs.get(job) as PipelineJob, step, parameters);
      for (const text of Object.values(environment)) {
        for (const name of unknownSecrets(text, known)) if (!missing.has(name)) missing.set(name, job);
      }
    }
  }
  return Array.from(missing, ([name, job]) => `${name} (job ${job})`);
}
