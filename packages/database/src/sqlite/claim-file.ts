import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { RunClaim } from "@waybill/engine";

const SQLITE_BUSY = 5;

/**
 * Claims a file for this process by an exclusive lock of SQLite, the only lock that Node has: the system takes it back
 * when the process ends, however it ends, so there is nothing left over to be judged by age or process id.
 *
 * @returns null: another claim is held
 */
export async function claimFile(path: string): Promise<RunClaim | null> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // The transaction is never written to: the file stays empty, and no journal need lie beside it.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) return null;
    throw error;
  }
  return {
    release: async (isOver) => {
      if (!database.isOpen) return;
      // While it is still locked. Whoever opened the file before claims one that has no name any more, so somebody
      // else may claim the run as well: harmless only where both find it over.
      if (isOver) await rm(path, { force: true });
      database.close();
    },
  };
}
