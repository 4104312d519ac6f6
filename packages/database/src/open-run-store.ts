import { openRunDatabase, type RunStoreOptions } from "./open-run-database.ts";
import { SqlRunStore } from "./runs/sql-run-store.ts";

export type { RunStoreOptions } from "./open-run-database.ts";

/**
 * Opens the runs kept in a SQLite file, which is made where there is none, or in a PostgreSQL database. Several
 * processes may have it open.
 *
 * @param place path of the file, or an address: `postgres://user:password@host:port/database`
 * @throws WaybillError `STORE_*`
 */
export async function openRunStore(place: string, options: RunStoreOptions = {}): Promise<SqlRunStore> {
  return new SqlRunStore(await openRunDatabase(place, options));
}
