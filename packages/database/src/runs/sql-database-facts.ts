import { sql } from "kysely";
import { DEFAULT_MIGRATION_TABLE } from "kysely/migration";
import type { RunDatabase } from "./run-database.ts";

export interface DatabaseFacts {
  readonly kind: "sqlite" | "postgres";
  readonly version: string;
  readonly sizeBytes: number;
  /** Of one question and its answer. */
  readonly latencyMs: number;
  /** In the order in which they were made. */
  readonly migrations: readonly string[];
}

/** What an operator wants to know of the database. */
export class SqlDatabaseFacts {
  readonly #database: RunDatabase;
  readonly #kind: DatabaseFacts["kind"];

  constructor(database: RunDatabase, kind: DatabaseFacts["kind"]) {
    this.#database = database;
    this.#kind = kind;
  }

  async describe(): Promise<DatabaseFacts> {
    const { db } = this.#database;
    try {
      const begun = performance.now();
      await sql`select 1`.execute(db);
      const latencyMs = performance.now() - begun;
      const isSqlite = this.#kind === "sqlite";
      const version = isSqlite
        ? sql`select sqlite_version() as fact`
        : sql`select current_setting('server_version') as fact`;
      const size = isSqlite
        ? sql`select page_count * page_size as fact from pragma_page_count(), pragma_page_size()`
        : sql`select pg_database_size(current_database()) as fact`;
      const names = await sql<{
        name: string;
      }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)} order by name`.execute(db);
      return {
        kind: this.#kind,
        version: String(await this.#fact(version)),
        sizeBytes: Number(await this.#fact(size)),
        latencyMs,
        migrations: names.rows.map(({ name }) => name),
      };
    } catch (error) {
      throw this.#database.storeError(error);
    }
  }

  async #fact(query: ReturnType<typeof sql>): Promise<unknown> {
    const { rows } = await query.execute(this.#database.db);
    return (rows[0] as { readonly fact?: unknown } | undefined)?.fact;
  }
}
