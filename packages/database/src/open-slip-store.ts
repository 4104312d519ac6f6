import { DEFAULT_ROUTE, type Route, type SlipStore } from "@waybill/slip";
import { openRunDatabase, type RunStoreOptions } from "./open-run-database.ts";
import { SqlSlipStore } from "./slips/sql-slip-store.ts";

/**
 * Opens the slips kept in a SQLite file or a PostgreSQL database, which may be that of a server. Several processes may
 * have it open. Closing the store closes the database.
 *
 * @param place as `openRunStore` takes it
 * @throws WaybillError `STORE_*`
 */
export async function openSlipStore(
  place: string,
  route: Route = DEFAULT_ROUTE,
  options: RunStoreOptions = {},
): Promise<SlipStore> {
  return new SqlSlipStore(await openRunDatabase(place, options), route, { isOwner: true });
}
