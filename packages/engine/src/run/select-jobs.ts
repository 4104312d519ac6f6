import { suggestNames, WaybillError } from "@waybill/core";
import type { PipelineDefinition } from "@waybill/pipeline";

/**
 * The jobs asked for and all they depend on, in definition order.
 * @throws WaybillError `RUN_UNKNOWN_JOB`
 */
export function selectJobs(definition: PipelineDefinition, wanted: readonly string[] | null): readonly string[] {
  if (wanted === null) return [...definition.jobs.keys()];
  const selected = new Set<string>();
  const open = [...wanted];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (selected.has(name)) continue;
    const job = definition.jobs.get(name);
    if (job === undefined) {
      const known = [...definition.jobs.keys()];
      const hint = suggestNames(name, known)
        .map((suggestion) => `"${suggestion}"`)
        .join(" or ");
      throw new WaybillError("RUN_UNKNOWN_JOB", {
        job: name,
        hint: hint === "" ? `The jobs are: ${known.slice(0, 20).join(", ")}.` : `Did you mean ${hint}?`,
      });
    }
    selected.add(name);
    open.push(...job.dependsOn);
  }
  return [...definition.jobs.keys()].filter((name) => selected.has(name));
}
