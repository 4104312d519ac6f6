import type { Kysely, Transaction } from "kysely";
import type { RunDatabase } from "../runs/run-database.ts";
import type { Tables } from "../schema/tables.ts";

/** Runs statements of the trigger stores, and turns what the database throws into our errors. */
export class TriggerSession {
  readonly database: RunDatabase;

  constructor(database: RunDatabase) {
    this.database = database;
  }

  run<Result>(work: (db: Kysely<Tables>) => Promise<Result>): Promise<Result> {
    return this.#guard(() => work(this.database.db));
  }

  transaction<Result>(work: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result> {
    return this.#guard(() => this.database.transaction(work));
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw this.database.storeError(error);
    }
  }
}
