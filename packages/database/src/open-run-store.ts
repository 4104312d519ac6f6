import { SqlRunStore } from "./runs/sql-run-store.ts";
import { openSqlite, type SqliteOptions } from "./sqlite/open.ts";

/**
 * Opens the runs kept in a SQLite file, which is made where there is none. Several processes may have it open.
 *
 * @throws WaybillError `STORE_*`
 */
export async function openRunStore(path: string, options: SqliteOptions = {}): Promise<SqlRunStore> {
  return new SqlRunStore(await openSqlite(path, options), path);
}
