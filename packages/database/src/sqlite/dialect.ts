import { CompiledQuery, SqliteAdapter, SqliteDialect, SqliteDriver, type DatabaseConnection } from "kysely";
import type { NodeSqliteDatabase } from "./node-sqlite.ts";

/** Kysely's SQLite dialect for a database that several processes share. */
export class SharedSqliteDialect extends SqliteDialect {
  readonly #database: NodeSqliteDatabase;

  constructor(database: NodeSqliteDatabase) {
    super({ database });
    this.#database = database;
  }

  override createDriver(): SharedSqliteDriver {
    return new SharedSqliteDriver(this.#database);
  }

  override createAdapter(): TransactionalDdlAdapter {
    return new TransactionalDdlAdapter();
  }
}

const BEGIN = CompiledQuery.raw("begin immediate");

class SharedSqliteDriver extends SqliteDriver {
  readonly #database: NodeSqliteDatabase;

  constructor(database: NodeSqliteDatabase) {
    super({ database });
    this.#database = database;
  }

  /**
   * Takes the write lock at once. A plain `begin` takes it at the first write, and fails there without waiting when
   * another process has written since our first read.
   */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(BEGIN);
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
