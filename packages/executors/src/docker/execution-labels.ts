import type { ExecutionPlace } from "../protocol/host.ts";
import { identityOf } from "../process/process-table.ts";
import { shortNameFor } from "../protocol/control-directory.ts";

/** On every container and network of ours. */
export const EXECUTION_LABEL = "waybill.execution";
/** The control directory a container works for. */
export const CONTROL_LABEL = "waybill.control";
export const RUN_LABEL = "waybill.run";
export const JOB_LABEL = "waybill.job";
/** Which process of ours made it: its id and when it was started. */
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
    [OWNER_LABEL]: thisProcess(),
  };
}

/** The value of the owner's label for what this process makes. */
export function thisProcess(): string {
  return `${process.pid} ${identityOf(process.pid)?.startTime ?? ""}`;
}

/** Whether the owner lives, by the value of its label. In doubt it does. */
export function isOwnerAlive(owner: string): boolean {
  const [, pid, startTime] = /^(\d{1,10}) (\d+)$/.exec(owner) ?? [];
  return pid === undefined || identityOf(Number(pid))?.startTime === startTime;
}
