export {
  openDatabaseBackup,
  restoreDatabase,
  type DatabaseBackup,
  type DatabaseKind,
} from "./backup/database-backup.ts";
export { openRunStore, type RunStoreOptions } from "./open-run-store.ts";
export type { ExecutionReport, ReportedStatus, SqlExecutionReports } from "./requests/sql-execution-reports.ts";
export type { BegunRequest, SqlIdempotencyRecords, StoredAnswer } from "./requests/sql-idempotency-records.ts";
export type { SqlRunStore } from "./runs/sql-run-store.ts";
export type { StoreSignals } from "./runs/store-signals.ts";
