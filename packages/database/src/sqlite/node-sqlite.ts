import type { SqliteDatabase, SqliteStatement } from "kysely";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** Prepared statements kept per connection. The hot paths use about a dozen. */
const MAX_STATEMENTS = 100;

/** Longer statements are bulk inserts with a shape of their own: hardly met twice, and megabytes when prepared. */
const LONGEST_KEPT_SQL = 4_000;

/**
 * Kysely's SQLite dialect is written against the interface of `better-sqlite3`; this gives it the database that is
 * built into Node. Statements stay prepared: preparing costs more than running a small one.
 */
export class NodeSqliteDatabase implements SqliteDatabase {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, NodeSqliteStatement>();
  readonly #wait: string;

  /** @param timeoutMs how long statements wait for the lock of another process, as the database was opened with */
  constructor(database: DatabaseSync, timeoutMs: number) {
    this.#database = database;
    this.#wait = `PRAGMA busy_timeout = ${timeoutMs}`;
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Does `work` with statements that fail at once where another process holds a lock. */
  async withoutWaiting(work: () => Promise<void>): Promise<void> {
    this.#database.exec("PRAGMA busy_timeout = 0");
    try {
      await work();
    } finally {
      this.#database.exec(this.#wait);
    }
  }

  prepare(sql: string): SqliteStatement {
    const kept = this.#statements.get(sql);
    if (kept !== undefined) return kept;
    const statement = new NodeSqliteStatement(this.#database.prepare(sql));
    if (sql.length > LONGEST_KEPT_SQL) return statement;
    if (this.#statements.size >= MAX_STATEMENTS) {
      const [oldest] = this.#statements.keys();
      if (oldest !== undefined) this.#statements.delete(oldest);
    }
    this.#statements.set(sql, statement);
    return statement;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }
}

class NodeSqliteStatement implements SqliteStatement {
  /** Whether running it gives rows. */
  readonly reader: boolean;
  readonly #statement: StatementSync;

  constructor(statement: StatementSync) {
    this.#statement = statement;
    this.reader = statement.columns().length > 0;
  }

  // The parameters are what Kysely collected; `node:sqlite` itself refuses any value that SQLite cannot hold.

  all(parameters: readonly unknown[]): unknown[] {
    return this.#statement.all(...(parameters as readonly SQLInputValue[]));
  }

  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint } {
    return this.#statement.run(...(parameters as readonly SQLInputValue[]));
  }

  iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    return this.#statement.iterate(...(parameters as readonly SQLInputValue[]));
  }
}
