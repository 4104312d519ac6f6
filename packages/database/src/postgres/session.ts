import { types, type ClientConfig } from "pg";
import type { PostgresAddress } from "./address.ts";

/** How long things may take, in milliseconds. */
export interface PostgresLimits {
  /** To connect, or to get one of the store's connections where all are in use. */
  readonly connectMs: number;
  /** A statement; 0: any time. */
  readonly statementMs: number;
  /** To wait for a lock of another transaction. */
  readonly lockMs: number;
}

/** The server says first what takes too long; only where it says nothing at all the driver gives up. */
const SILENCE_MS = 5_000;

/** A transaction in which nothing is done must not keep its locks: its process hangs, or was stopped. */
const IDLE_IN_TRANSACTION_MS = 60_000;

/** What every connection to an address is made with. */
export function sessionConfig(address: PostgresAddress, limits: PostgresLimits): ClientConfig {
  return {
    connectionString: address.url,
    application_name: "waybill",
    connectionTimeoutMillis: limits.connectMs,
    query_timeout: limits.statementMs === 0 ? undefined : limits.statementMs + SILENCE_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser: parserOf },
  };
}

/** Times and sizes are `bigint` columns. None of ours is beyond what a number holds; one that is, is found damaged. */
function parserOf(...[oid, format]: Parameters<typeof types.getTypeParser>): (value: string) => unknown {
  return oid === types.builtins.INT8 ? Number : (types.getTypeParser(oid, format) as (value: string) => unknown);
}

/** The settings of a session as one query. They hold whatever the server's configuration says. */
export function sessionSettings(limits: PostgresLimits): { readonly text: string; readonly values: readonly string[] } {
  const settings = {
    // Durable on return. Where standbys confirm, `on` waits for their disks as well.
    synchronous_commit: "on",
    statement_timeout: String(limits.statementMs),
    lock_timeout: String(limits.lockMs),
    idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_MS),
    // A machine that vanishes is noticed within 20 seconds, and its locks are free again.
    tcp_keepalives_idle: "5",
    tcp_keepalives_interval: "5",
    tcp_keepalives_count: "3",
  };
  const calls = Object.keys(settings).map((name, index) => `set_config('${name}', $${index + 1}, false)`);
  return { text: `select ${calls.join(", ")}`, values: Object.values(settings) };
}
