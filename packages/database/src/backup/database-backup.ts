import { systemClock, WaybillError } from "@waybill/core";

export type DatabaseKind = "sqlite" | "postgres";

/** A database that may be in use, while it is copied. Until it is closed, no artifact is cleaned up. */
export interface DatabaseBackup {
  readonly kind: DatabaseKind;
  /** Writes all of the database as it is at one moment into a new file. @throws WaybillError */
  write(file: string): Promise<void>;
  close(): Promise<void>;
}

export function kindOf(place: string): DatabaseKind {
  return /^postgres(?:ql)?:\/\//i.test(place) ? "postgres" : "sqlite";
}

/** As a cleanup of artifacts is locked. */
export const CLEANUP_LOCK = "artifact-cleanup";

/**
 * Opens a database for a backup, as it is: a newer program does not migrate it under a server that still runs.
 *
 * @param place as of `openRunStore`
 * @throws WaybillError `BACKUP_NOTHING_THERE`, `BACKUP_CLEANUP_UNDER_WAY`, `STORE_*`
 */
export async function openDatabaseBackup(place: string): Promise<DatabaseBackup> {
  if (kindOf(place) === "sqlite") {
    const { openSqliteBackup } = await import("./sqlite-backup.ts");
    return await openSqliteBackup(place);
  }
  const { openPostgresBackup } = await import("./postgres-backup.ts");
  return await openPostgresBackup(place, systemClock);
}

/**
 * Puts a database back from what `write` wrote. The place must be empty.
 * @throws WaybillError `BACKUP_TARGET_IN_USE`, `BACKUP_OTHER_DATABASE`, `BACKUP_DATABASE_FAILED`, `STORE_*`
 */
export async function restoreDatabase(kind: DatabaseKind, file: string, place: string): Promise<void> {
  const wanted = kindOf(place);
  if (wanted !== kind) throw new WaybillError("BACKUP_OTHER_DATABASE", { found: kind, wanted });
  if (kind === "sqlite") {
    const { restoreSqlite } = await import("./sqlite-backup.ts");
    return await restoreSqlite(file, place);
  }
  const { restorePostgres } = await import("./postgres-backup.ts");
  return await restorePostgres(file, place);
}
