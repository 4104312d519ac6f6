import { WaybillError } from "@waybill/core";
import { Client } from "pg";

/** Where a PostgreSQL database is. */
export interface PostgresAddress {
  /** With its secrets: for the driver alone. */
  readonly url: string;
  /** For people: host, port and database, whatever else the address holds. */
  readonly path: string;
}

/**
 * An address as `psql` takes it, `postgres://user:password@host:port/database?…`. What it leaves out comes from the
 * environment variables of PostgreSQL (`PGHOST`, `PGUSER`, …) and from `~/.pgpass`.
 *
 * @throws WaybillError `STORE_BAD_ADDRESS`, without a piece of the address, for any may be of its password
 */
export function readAddress(url: string): PostgresAddress {
  const rest = /^[a-z]+:\/\/[^/?#]*(.*)$/is.exec(url)?.[1] ?? "";
  if (/[@#]/.test(rest)) {
    // Behind an unescaped `/`, `?` or `#` of a password the rest of it would be taken for a database, and shown.
    throw new WaybillError("STORE_BAD_ADDRESS", { detail: "a special character in it is not percent-encoded" });
  }
  try {
    const { host, port, database } = new Client({ connectionString: url });
    if (!Number.isInteger(port)) throw new TypeError("the port is not a number");
    const name = encodeURIComponent(database ?? "");
    const path = host.startsWith("/")
      ? `postgres:///${name}?host=${host}&port=${port}`
      : `postgres://${host.includes(":") ? `[${host}]` : host}:${port}/${name}`;
    return { url, path };
  } catch (error) {
    // Not as its cause: an error of the URL parser carries the whole address.
    throw new WaybillError("STORE_BAD_ADDRESS", { detail: error instanceof Error ? error.message : "it is not a URL" });
  }
}
