import { isSettled, type RunRecord } from "@waybill/engine";
import type { ServerChoice } from "../../server/choose-server.ts";

export interface CancelOptions extends ServerChoice {
  readonly wait: boolean;
  readonly json?: boolean;
}

export function cancelText(run: RunRecord, status: RunRecord["status"]): string {
  if (!isSettled(status)) return `Run ${run.number} was asked to end.\n`;
  return status === "cancelled" ? `Run ${run.number} is cancelled.\n` : `Run ${run.number} has ended: ${status}.\n`;
}
