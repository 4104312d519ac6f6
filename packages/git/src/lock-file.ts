import type { Clock } from "@waybill/core";
import { DatabaseSync } from "node:sqlite";

const SQLITE_BUSY = 5;
const LOOK_MS = 50;

export interface FileLock {
  release(): void;
}

/**
 * Waits until this process is the only one that holds the lock of `path`: an exclusive lock of SQLite, which the system
 * takes back however a process ends. The file stays.
 *
 * @returns null: another process held it for all of `patienceMs`
 */
export async function lockFile(path: string, clock: Clock, patienceMs: number): Promise<FileLock | null> {
  const end = clock.monotonic() + patienceMs;
  for (;;) {
    const lock = tryLock(path);
    if (lock !== null || clock.monotonic() >= end) return lock;
    await new Promise<void>((resolve) => void clock.setTimer(LOOK_MS, resolve));
  }
}

function tryLock(path: string): FileLock | null {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) return null;
    throw error;
  }
  return { release: () => database.close() };
}
