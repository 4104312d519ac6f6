import { WaybillError } from "@waybill/core";
import type { ExecutionReport } from "@waybill/database";
import type { Services } from "../services.ts";

/**
 * Stores what is reported of an execution, whose token has been seen. The executors of this machine are watched by the
 * engine and report nothing: this is for those that run elsewhere.
 *
 * @returns false: the same was reported before
 * @throws WaybillError `API_NOT_FOUND`, `EXECUTION_TRANSITION`
 */
export async function reportExecution(
  { store, reports, changes, clock }: Services,
  id: string,
  report: ExecutionReport,
): Promise<boolean> {
  const found = await store.findExecution(id);
  if (found === null) throw new WaybillError("API_NOT_FOUND", { kind: "execution", id });
  const hasChanged = await reports.report(id, report, clock.now());
  if (hasChanged) changes.changed(found.runId);
  return hasChanged;
}
