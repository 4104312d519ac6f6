import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
} from "kysely";
import type { ReaderData } from "./messages.ts";
import type { ReaderPool } from "./reader-pool.ts";

/** Kysely's SQLite on threads that only read: no transactions, as each statement may go to another thread. */
export class ReaderDialect implements Dialect {
  readonly #data: ReaderData;

  constructor(data: ReaderData) {
    this.#data = data;
  }

  createDriver(): Driver {
    let connection: Promise<ReaderConnection> | null = null;
    const connect = async (): Promise<ReaderConnection> => {
      // Loaded where something is read: commands that read little start without threads.
      const { ReaderPool } = await import("./reader-pool.ts");
      return new ReaderConnection(new ReaderPool(this.#data));
    };
    const refused = (): Promise<never> => Promise.reject(new Error("readers have no transactions"));
    return {
      init: () => Promise.resolve(),
      acquireConnection: () => (connection ??= connect()),
      beginTransaction: refused,
      commitTransaction: refused,
      rollbackTransaction: refused,
      releaseConnection: () => Promise.resolve(),
      destroy: async () => await (await connection)?.close(),
    };
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): SqliteAdapter {
    return new SqliteAdapter();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

class ReaderConnection implements DatabaseConnection {
  readonly #pool: ReaderPool;

  constructor(pool: ReaderPool) {
    this.#pool = pool;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    return { rows: (await this.#pool.read(sql, parameters)) as Row[] };
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  streamQuery(): AsyncIterableIterator<never> {
    throw new Error("readers have no streams");
  }
}
