import type { Kysely, Transaction } from "kysely";
import type { RunDatabase } from "../runs/run-database.ts";
import type { Tables } from "../schema/tables.ts";
import type { AccessRowReader } from "./rows.ts";

/** What a table's adapter talks through: the database itself, or a transaction on it. */
export interface AccessSession {
  readonly db: Kysely<Tables>;
  readonly rows: AccessRowReader;
  /** Gives the database's errors their code, outside of a transaction; inside, whoever runs it does. */
  guard<Result>(work: () => Promise<Result>): Promise<Result>;
  lock(name: string): Promise<void>;
}

export function databaseSession(database: RunDatabase, rows: AccessRowReader): AccessSession {
  return {
    db: database.db,
    rows,
    guard: async (work) => {
      try {
        return await work();
      } catch (error) {
        throw database.storeError(error);
      }
    },
    lock: () => Promise.reject(new Error("a lock of no transaction would be free at once")),
  };
}

/** Errors pass as they are: the database has to see whether the transaction may be tried again. */
export function transactionSession(
  database: RunDatabase,
  trx: Transaction<Tables>,
  rows: AccessRowReader,
): AccessSession {
  return { db: trx, rows, guard: (work) => work(), lock: (name) => database.lockFor(trx, name) };
}
