import { isDeferred, mergedEnvironment, type PipelineDefinition, type PipelineJob } from "@waybill/pipeline";
import type { JobStatus } from "../statuses.ts";

/**
 * What a condition was decided on, as far as the stored run tells: variables of the pipeline file, and how other jobs
 * ended. Values given with `--var` are not stored, as they may be secret.
 */
export function conditionValues(
  definition: PipelineDefinition,
  job: PipelineJob,
  statusOf: (job: string) => JobStatus | null,
): Readonly<Record<string, string>> {
  const values: [string, string][] = [];
  // What stands in quotes is text, not a name.
  const bare = (job.condition ?? "").replaceAll(/'[^']*'|"[^"]*"/g, "''");
  const environment = mergedEnvironment(definition, job, null, {});
  for (const name of new Set(bare.match(/[A-Za-z_][\w-]*(?:\.[\w-]+)*/g))) {
    const plain = name.replace(/^env\./, "");
    const text = Object.hasOwn(environment, plain) ? environment[plain] : undefined;
    if (text !== undefined && !isDeferred(text)) values.push([plain, text]);
    const status = statusOf(/^jobs?\.([\w-]+)\.status$/.exec(name)?.[1] ?? "");
    if (status !== null) values.push([name, status.toUpperCase()]);
  }
  return Object.fromEntries(values);
}
