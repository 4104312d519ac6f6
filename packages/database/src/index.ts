export {
  openDatabaseBackup,
  restoreDatabase,
  type DatabaseBackup,
  type DatabaseKind,
} from "./backup/database-backup.ts";
export type { ArtifactQuery, ListedArtifact, ProjectUse, SqlArtifactLists } from "./artifacts/sql-artifact-lists.ts";
export { openRunStore, type RunStoreOptions } from "./open-run-store.ts";
export { openSlipStore } from "./open-slip-store.ts";
export type { ExecutionReport, ReportedStatus, SqlExecutionReports } from "./requests/sql-execution-reports.ts";
export type { DatabaseFacts, SqlDatabaseFacts } from "./runs/sql-database-facts.ts";
export type { BegunRequest, SqlIdempotencyRecords, StoredAnswer } from "./requests/sql-idempotency-records.ts";
export type { SearchHit, SearchKind, SearchQuery, SqlSearch, Visible } from "./search/sql-search.ts";
export type { JobSample, RunSample, Sample, SqlRunSamples } from "./statistics/sql-run-samples.ts";
export type { SqlRunStore } from "./runs/sql-run-store.ts";
export type { StoreSignals } from "./runs/store-signals.ts";
