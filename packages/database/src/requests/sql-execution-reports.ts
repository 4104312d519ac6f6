import { WaybillError } from "@waybill/core";
import type { RunDatabase } from "../runs/run-database.ts";

export type ReportedStatus = "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELED";

export interface ExecutionReport {
  readonly status: ReportedStatus;
  readonly exitCode: number | null;
  readonly logsRef: string | null;
  readonly message: string | null;
}

/** What may follow what; an execution of which nothing was reported yet is `PENDING`. */
const NEXT: Readonly<Record<ReportedStatus, readonly ReportedStatus[]>> = {
  PENDING: ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELED"],
  RUNNING: ["RUNNING", "SUCCEEDED", "FAILED", "CANCELED"],
  SUCCEEDED: [],
  FAILED: [],
  CANCELED: [],
};

/** What is told of executions from outside. */
export class SqlExecutionReports {
  readonly #database: RunDatabase;

  constructor(database: RunDatabase) {
    this.#database = database;
  }

  /**
   * @returns false: the same was reported before
   * @throws WaybillError `EXECUTION_TRANSITION` where it contradicts what was reported before
   */
  async report(executionId: string, report: ExecutionReport, now: number): Promise<boolean> {
    try {
      return await this.#database.transaction(async (trx) => {
        await this.#database.lockFor(trx, `execution ${executionId}`);
        const row = await trx
          .selectFrom("execution_reports")
          .select(["status", "exit_code", "logs_ref", "message"])
          .where("execution_id", "=", executionId)
          .executeTakeFirst();
        const { status, exitCode, logsRef, message } = report;
        const columns = { status, exit_code: exitCode, logs_ref: logsRef, message };
        if (row !== undefined && JSON.stringify(row) === JSON.stringify(columns)) return false;
        const from = (row?.status ?? "PENDING") as ReportedStatus;
        if (!NEXT[from].includes(status)) throw new WaybillError("EXECUTION_TRANSITION", { from, to: status });
        await trx
          .insertInto("execution_reports")
          .values({ execution_id: executionId, ...columns, reported_at: now })
          .onConflict((conflict) => conflict.column("execution_id").doUpdateSet({ ...columns, reported_at: now }))
          .execute();
        return true;
      });
    } catch (error) {
      throw this.#database.storeError(error);
    }
  }

  /** The last one; null: nothing was reported. */
  async find(executionId: string): Promise<ExecutionReport | null> {
    const query = this.#database.db
      .selectFrom("execution_reports")
      .select(["status", "exit_code", "logs_ref", "message"])
      .where("execution_id", "=", executionId);
    try {
      const row = await query.executeTakeFirst();
      if (row === undefined) return null;
      const { status, exit_code: exitCode, logs_ref: logsRef, message } = row;
      return { status: status as ReportedStatus, exitCode, logsRef, message };
    } catch (error) {
      throw this.#database.storeError(error);
    }
  }
}
