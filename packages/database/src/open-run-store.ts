import type { PostgresOptions } from "./postgres/open.ts";
import { SqlRunStore } from "./runs/sql-run-store.ts";
import { openSqlite, type SqliteOptions } from "./sqlite/open.ts";
import { SqliteRunDatabase } from "./sqlite/sqlite-run-database.ts";

/** Those of the other database are of no effect. */
export type RunStoreOptions = SqliteOptions & PostgresOptions;

/**
 * Opens the runs kept in a SQLite file, which is made where there is none, or in a PostgreSQL database. Several
 * processes may have it open.
 *
 * @param place path of the file, or an address: `postgres://user:password@host:port/database`
 * @throws WaybillError `STORE_*`
 */
export async function openRunStore(place: string, options: RunStoreOptions = {}): Promise<SqlRunStore> {
  if (!/^postgres(?:ql)?:\/\//i.test(place)) {
    return new SqlRunStore(new SqliteRunDatabase(await openSqlite(place, options), place));
  }
  // The driver is loaded only where it is used: commands on a file start without it.
  const { openPostgres } = await import("./postgres/open.ts");
  return new SqlRunStore(await openPostgres(place, options));
}
