import { existsSync } from "node:fs";
import { chmod, copyFile, constants, mkdir, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { hasSystemCode, WaybillError } from "@waybill/core";
import { claimFile } from "../sqlite/claim-file.ts";
import { storeError } from "../sqlite/errors.ts";
import { CLEANUP_LOCK, type DatabaseBackup } from "./database-backup.ts";

const BUSY_TIMEOUT_MS = 30_000;

/** All pages in one step, so that a busy writer cannot make the copy begin anew again and again. */
const ALL_PAGES = 2 ** 31 - 1;

/** @throws WaybillError `BACKUP_NOTHING_THERE`, `BACKUP_CLEANUP_UNDER_WAY`, `STORE_*` */
export async function openSqliteBackup(path: string): Promise<DatabaseBackup> {
  if (!existsSync(path)) throw new WaybillError("BACKUP_NOTHING_THERE", { path });
  const lock = await claimFile(join(dirname(path), "locks", CLEANUP_LOCK));
  if (lock === null) throw new WaybillError("BACKUP_CLEANUP_UNDER_WAY", {});
  return {
    kind: "sqlite",
    async write(file) {
      // Made first: SQLite would let everybody read it.
      await (await open(file, "wx", 0o600)).close();
      try {
        const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
        try {
          await backup(database, file, { rate: ALL_PAGES });
        } finally {
          database.close();
        }
        asOneFile(file);
      } catch (error) {
        throw storeError(error, path);
      }
    },
    close: () => lock.release(false),
  };
}

/** The copy is in WAL mode as the original: everything into the file itself, which has nothing beside it then. */
function asOneFile(file: string): void {
  const copy = new DatabaseSync(file);
  try {
    copy.exec("PRAGMA journal_mode = DELETE");
  } finally {
    copy.close();
  }
}

/** @throws WaybillError `BACKUP_TARGET_IN_USE`, `BACKUP_DATABASE_FAILED`, `STORE_*` */
export async function restoreSqlite(file: string, path: string): Promise<void> {
  checkFile(file);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await copyFile(file, path, constants.COPYFILE_EXCL);
    await chmod(path, 0o600);
    const restored = await open(path, "r+");
    await restored.sync();
    await restored.close();
  } catch (error) {
    if (hasSystemCode(error, "EEXIST")) throw new WaybillError("BACKUP_TARGET_IN_USE", { path }, { cause: error });
    await rm(path, { force: true });
    throw storeError(error, path);
  }
}

function checkFile(file: string): void {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const damage = database.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"];
    const dangling = database.prepare("PRAGMA foreign_key_check").get();
    const detail =
      damage !== "ok" ? String(damage) : dangling === undefined ? null : "rows refer to others that are not there";
    if (detail !== null) throw new WaybillError("BACKUP_DATABASE_FAILED", { program: "SQLite", detail });
  } finally {
    database.close();
  }
}
