import type { PostgresOptions } from "./postgres/open.ts";
import type { RunDatabase } from "./runs/run-database.ts";
import { openSqlite, type SqliteOptions } from "./sqlite/open.ts";
import { SqliteRunDatabase } from "./sqlite/sqlite-run-database.ts";

/** Those of the other database are of no effect. */
export type RunStoreOptions = SqliteOptions & PostgresOptions;

/**
 * The database that a file or an address names, on the latest schema.
 *
 * @throws WaybillError `STORE_*`
 */
export async function openRunDatabase(place: string, options: RunStoreOptions): Promise<RunDatabase> {
  if (!/^postgres(?:ql)?:\/\//i.test(place)) {
    return new SqliteRunDatabase(await openSqlite(place, options), place);
  }
  // The driver is loaded only where it is used: commands on a file start without it.
  const { openPostgres } = await import("./postgres/open.ts");
  return await openPostgres(place, options);
}
