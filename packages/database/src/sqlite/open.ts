import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import { hasSystemCode, WaybillError } from "@waybill/core";
import { Kysely } from "kysely";
import { migrateToLatest } from "../schema/migrate.ts";
import type { Tables } from "../schema/tables.ts";
import { POLL_MS, SharedSqliteDialect } from "./dialect.ts";
import { isBusy, storeError } from "./errors.ts";
import { NodeSqliteDatabase } from "./node-sqlite.ts";

export interface SqliteOptions {
  /** How long a transaction, or a statement outside of one, waits for the lock of another process, in milliseconds. */
  readonly busyTimeoutMs?: number;
}

const DEFAULT_BUSY_TIMEOUT_MS = 30_000;

/** "WBIL" in the file's header: a database of another program is refused rather than filled with our tables. */
const APPLICATION_ID = 0x5742494c;

/**
 * Opens the database file, made with its directories where there is none (modes 0600 and 0700), on the latest schema.
 *
 * @throws WaybillError `STORE_*`
 */
export async function openSqlite(path: string, options: SqliteOptions = {}): Promise<Kysely<Tables>> {
  const timeout = options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS;
  const startedAt = performance.now();
  for (;;) {
    try {
      return await openOnce(path, timeout);
    } catch (error) {
      // While the file changes from a journal to a log, made or closed by another process, SQLite says at once that it
      // is locked: waiting there could be for ever, it cannot know that the other one does not wait for us.
      if (!isBusy(error) || performance.now() - startedAt >= timeout) throw storeError(error, path);
    }
    await setTimeout(POLL_MS);
  }
}

async function openOnce(path: string, timeout: number): Promise<Kysely<Tables>> {
  let database: DatabaseSync | null = null;
  try {
    await makeFile(path);
    database = new DatabaseSync(path, {
      timeout,
      enableForeignKeyConstraints: true,
      defensive: true,
    });
    prepareConnection(database, path);
    const db = new Kysely<Tables>({
      dialect: new SharedSqliteDialect(new NodeSqliteDatabase(database, timeout), timeout),
    });
    await migrateToLatest(db, path);
    return db;
  } catch (error) {
    if (database?.isOpen === true) database.close();
    throw error;
  }
}

/** SQLite would make the file readable for everyone. Its `-wal` and `-shm` files take over the mode of this one. */
async function makeFile(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await (await open(path, "a", 0o600)).close();
  } catch (error) {
    if (hasSystemCode(error, "ENOSPC") || hasSystemCode(error, "EROFS")) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new WaybillError("STORE_CANNOT_OPEN", { path, detail }, { cause: error });
  }
}

/**
 * WAL lets other processes read while one writes. `synchronous=FULL` syncs the log at every commit: what was reported
 * as done is there after a power cut (NORMAL would lose the last commits; it saves about 0.15 ms each).
 */
function prepareConnection(database: DatabaseSync, path: string): void {
  const id = applicationId(database, path);
  if (id === 0) database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;");
}

/** Ours, or 0 for a new file. Read in one transaction, as another process may be making the same database just now. */
function applicationId(database: DatabaseSync, path: string): number {
  database.exec("BEGIN");
  const id = database.prepare("PRAGMA application_id").get()?.["application_id"];
  const objects = database.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.["count"];
  database.exec("COMMIT");
  if (id === APPLICATION_ID) return APPLICATION_ID;
  if (id === 0 && objects === 0) return 0;
  throw new WaybillError("STORE_NOT_A_DATABASE", { path });
}
