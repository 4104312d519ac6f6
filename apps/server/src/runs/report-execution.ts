import { WaybillError } from "@waybill/core";
import type { ExecutionReport, ReportedStatus } from "@waybill/database";
import { isSettled, type FoundExecution } from "@waybill/engine";
import type { Services } from "../services.ts";

/**
 * Stores what is reported of an execution, whose token has been seen, and wakes whoever drives its run. Of an execution
 * that is over for the engine nothing is stored any more: what says the same changes nothing, what does not is refused.
 *
 * @returns false: the same was reported before, or is known from the executor
 * @throws WaybillError `API_NOT_FOUND`, `EXECUTION_TRANSITION`
 */
export async function reportExecution(
  { store, reports, reported, changes, clock }: Services,
  id: string,
  report: ExecutionReport,
): Promise<boolean> {
  const found = await store.findExecution(id);
  if (found === null) throw new WaybillError("API_NOT_FOUND", { kind: "execution", id });
  const end = endOf(found);
  if (end !== null) {
    const stored = await reports.find(id);
    if (stored === null || !isSame(stored, report)) {
      if (end !== report.status) throw new WaybillError("EXECUTION_TRANSITION", { from: end, to: report.status });
    }
    return false;
  }
  const hasChanged = await reports.report(id, report, clock.now());
  if (hasChanged) {
    reported.changed(id);
    changes.changed(found.runId);
  }
  return hasChanged;
}

/** How it ended for the engine; null: it goes on. */
function endOf({ job, execution }: FoundExecution): ReportedStatus | null {
  // There would be no other attempt if it had not failed.
  if (execution.attempt < job.attempts || job.status === "retry") return "FAILED";
  if (!isSettled(job.status)) return null;
  if (job.status === "success") return "SUCCEEDED";
  return job.status === "cancelled" ? "CANCELED" : "FAILED";
}

function isSame(one: ExecutionReport, other: ExecutionReport): boolean {
  return (
    one.status === other.status &&
    one.exitCode === other.exitCode &&
    one.logsRef === other.logsRef &&
    one.message === other.message
  );
}
