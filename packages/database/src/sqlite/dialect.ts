import { setTimeout } from "node:timers/promises";
import { CompiledQuery, SqliteAdapter, SqliteDialect, SqliteDriver, type DatabaseConnection } from "kysely";
import { isBusy } from "./errors.ts";
import type { NodeSqliteDatabase } from "./node-sqlite.ts";

/** How often a lock that another process holds is tried again. Its usual transaction takes less than this. */
export const POLL_MS = 2;

/** Kysely's SQLite dialect for a database that several processes share. */
export class SharedSqliteDialect extends SqliteDialect {
  readonly #database: NodeSqliteDatabase;
  readonly #patienceMs: number;

  /** @param patienceMs how long a transaction waits to begin while other processes write */
  constructor(database: NodeSqliteDatabase, patienceMs: number) {
    super({ database });
    this.#database = database;
    this.#patienceMs = patienceMs;
  }

  override createDriver(): SharedSqliteDriver {
    return new SharedSqliteDriver(this.#database, this.#patienceMs);
  }

  override createAdapter(): TransactionalDdlAdapter {
    return new TransactionalDdlAdapter();
  }
}

const BEGIN = CompiledQuery.raw("begin immediate");

class SharedSqliteDriver extends SqliteDriver {
  readonly #database: NodeSqliteDatabase;
  readonly #patienceMs: number;

  constructor(database: NodeSqliteDatabase, patienceMs: number) {
    super({ database });
    this.#database = database;
    this.#patienceMs = patienceMs;
  }

  /**
   * Takes the write lock at once. A plain `begin` takes it at the first write, and fails there without waiting when
   * another process has written since our first read.
   *
   * SQLite's own waiting would stop this whole process, and soon looks only ten times a second: beside a process that
   * commits without a pause it can miss every gap for seconds. So it is tried often, and the event loop goes on.
   */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    const startedAt = performance.now();
    for (;;) {
      try {
        return await this.#database.withoutWaiting(async () => void (await connection.executeQuery(BEGIN)));
      } catch (error) {
        if (!isBusy(error) || performance.now() - startedAt >= this.#patienceMs) throw error;
      }
      await setTimeout(POLL_MS);
    }
  }

  /** SQLite has rolled back by itself after some errors (a full disk); a second rollback would hide the reason. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.inTransaction) await super.rollbackTransaction(connection);
  }
}

/**
 * Lets the Migrator run in a transaction, which SQLite can do with every statement we use. With `begin immediate` this
 * also makes two processes that open a new database at the same time migrate one after the other.
 */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
