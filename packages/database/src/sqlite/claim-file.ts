import { closeSync, fstatSync, openSync, statSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { hasSystemCode } from "@waybill/core";
import type { RunClaim } from "@waybill/engine";

const SQLITE_BUSY = 5;

/**
 * Claims a file for this process by an exclusive lock of SQLite, the only lock that Node has: the system takes it back
 * when the process ends, however it ends, so there is nothing left over to be judged by age or process id.
 *
 * @param path its directory is made where there is none, but not the one above
 * @returns null: another claim is held
 */
export async function claimFile(path: string): Promise<RunClaim | null> {
  // Never aborted: the system takes the lock of no process that lives.
  const { signal: lost } = new AbortController();
  try {
    await mkdir(dirname(path), { mode: 0o700 });
  } catch (error) {
    // The database was removed with its directory: nobody else can find the run there, so there is nothing to claim it
    // from. What is wrong is said by whoever needs the directory first; it must not come back by being claimed in.
    if (hasSystemCode(error, "ENOENT")) return { lost, release: () => Promise.resolve() };
    if (!hasSystemCode(error, "EEXIST")) throw error;
  }
  for (;;) {
    const opened = openLocked(path);
    if (opened === null) return null;
    const { database, file } = opened;
    // Whoever held the claim before may have removed its file between our opening and our locking of it: others would
    // never meet a lock on a file without a name.
    if (statSync(path, { throwIfNoEntry: false })?.ino === file) return claimOf(database, path, lost);
    database.close();
  }
}

/** @returns the file's number, and the database that locks it; null: another process does */
function openLocked(path: string): { readonly database: DatabaseSync; readonly file: number } | null {
  const descriptor = openSync(path, "a", 0o600);
  const file = fstatSync(descriptor).ino;
  const database = new DatabaseSync(path, { timeout: 0 });
  // Before it is locked: closing any descriptor of a file gives up all locks the process has on it.
  closeSync(descriptor);
  try {
    // The transaction is never written to: the file stays empty, and no journal need lie beside it.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return { database, file };
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) return null;
    throw error;
  }
}

function claimOf(database: DatabaseSync, path: string, lost: AbortSignal): RunClaim {
  return {
    lost,
    release: async (isOver) => {
      if (!database.isOpen) return;
      // While it is still locked, so that nobody claims it in between.
      if (isOver) await rm(path, { force: true });
      database.close();
    },
  };
}
