export {
  openDatabaseBackup,
  restoreDatabase,
  type DatabaseBackup,
  type DatabaseKind,
} from "./backup/database-backup.ts";
export { openRunStore, type RunStoreOptions } from "./open-run-store.ts";
export type { SqlRunStore } from "./runs/sql-run-store.ts";
