import { WaybillError } from "@waybill/core";
import { openSlipStore } from "@waybill/database";
import type { Route, SlipStore } from "@waybill/slip";

/**
 * The store that an address names. No error has a piece of the address, which may be of its password.
 *
 * @param dsn `postgres://…`, or `sqlite:///absolute/path`, `sqlite:relative/path`
 * @throws WaybillError `SLIP_STORE_UNSUPPORTED`, `STORE_*`
 */
export async function openStore(dsn: string, route: Route): Promise<SlipStore> {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(dsn) ?? [];
  switch (scheme.toLowerCase()) {
    case "postgres":
    case "postgresql":
      return await openSlipStore(dsn, route);
    case "sqlite":
      return await openSlipStore(pathOf(rest), route);
    case "clickhouse":
    case "http":
    case "https":
      throw new WaybillError("SLIP_STORE_UNSUPPORTED", { problem: "this program has no store for ClickHouse" });
    default:
      throw new WaybillError("SLIP_STORE_UNSUPPORTED", { problem: "its address begins with no scheme that is known" });
  }
}

/** `///a/b` is an absolute path behind an empty host; `a/b` one from here. */
function pathOf(rest: string): string {
  const path = rest.startsWith("//") ? rest.slice(2) : rest;
  if (path === "" || (rest.startsWith("//") && !path.startsWith("/"))) {
    throw new WaybillError("SLIP_STORE_UNSUPPORTED", {
      problem: "a SQLite address has a path: sqlite:///path/to/file.db",
    });
  }
  return path;
}
