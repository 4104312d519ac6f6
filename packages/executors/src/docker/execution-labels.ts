import type { ExecutionPlace } from "../protocol/host.ts";
import { shortNameFor } from "../protocol/control-directory.ts";

/** On every container and network of ours. */
export const EXECUTION_LABEL = "waybill.execution";
/** The control directory a container works for. */
export const CONTROL_LABEL = "waybill.control";
export const RUN_LABEL = "waybill.run";
export const JOB_LABEL = "waybill.job";
/** Which process keeps a network: its id and when it was started. */
export const OWNER_LABEL = "waybill.owner";

export function containerName(place: ExecutionPlace): string {
  return `waybill-${shortNameFor(place.control)}`;
}

export function containerLabels(place: ExecutionPlace): Readonly<Record<string, string>> {
  const { spec, control } = place;
  return {
    [EXECUTION_LABEL]: spec.executionId,
    [CONTROL_LABEL]: control.path,
    [RUN_LABEL]: spec.runId,
    [JOB_LABEL]: spec.jobName,
  };
}
