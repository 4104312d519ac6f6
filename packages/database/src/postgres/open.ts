import { systemClock, systemRandom, WaybillError, type Clock, type Random } from "@waybill/core";
import { Kysely, PostgresDialect, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { isMigrated, migrateToLatest } from "../schema/migrate.ts";
import { migrations as releasedMigrations } from "../schema/migrations/index.ts";
import type { Tables } from "../schema/tables.ts";
import { readAddress, type PostgresAddress } from "./address.ts";
import { ByteOrderText } from "./byte-order-text.ts";
import { storeError } from "./errors.ts";
import { PostgresRunDatabase } from "./postgres-run-database.ts";
import { PreparedPool } from "./prepared-pool.ts";

export interface PostgresOptions {
  /** Connections at most, beside the one that holds claims. */
  readonly maxConnections?: number;
  /** How long a statement may take, in milliseconds. */
  readonly statementTimeoutMs?: number;
  /** How long a statement waits for the lock of another transaction, in milliseconds. */
  readonly busyTimeoutMs?: number;
  readonly clock?: Clock;
  readonly random?: Random;
}

const DEFAULT_CONNECTIONS = 10;
const CONNECT_MS = 10_000;
const DEFAULT_STATEMENT_MS = 60_000;
const DEFAULT_LOCK_MS = 30_000;

/** To wait for another process that migrates, or for those that use a table which is altered. */
const MIGRATION_LOCK_MS = 600_000;

/** `gen_random_uuid` is built in from here on; older ones are out of support. */
const OLDEST_VERSION = 13;

/**
 * Opens the runs of a PostgreSQL database, on the latest schema.
 *
 * @throws WaybillError `STORE_*`
 */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<PostgresRunDatabase> {
  const address = readAddress(url);
  const limits = {
    connectMs: CONNECT_MS,
    statementMs: options.statementTimeoutMs ?? DEFAULT_STATEMENT_MS,
    lockMs: options.busyTimeoutMs ?? DEFAULT_LOCK_MS,
  };
  const pool = new PreparedPool(address, limits, options.maxConnections ?? DEFAULT_CONNECTIONS);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await checkServer(db, address.path);
    if (!(await isMigrated(db, address.path))) await migratePostgres(address);
    return new PostgresRunDatabase(db, address, options.clock ?? systemClock, options.random ?? systemRandom);
  } catch (error) {
    await db.destroy();
    throw storeError(error, address.path);
  }
}

async function checkServer(db: Kysely<Tables>, path: string): Promise<void> {
  const { rows } = await sql<{ readonly version: string; readonly encoding: string; readonly schema: string | null }>`
    select current_setting('server_version') as version, current_setting('server_encoding') as encoding,
      current_schema() as schema`.execute(db);
  const { version = "", encoding = "", schema = null } = rows[0] ?? {};
  const problem =
    Number.parseInt(version, 10) < OLDEST_VERSION
      ? `it is version ${version}`
      : encoding !== "UTF8"
        ? `the database's encoding is ${encoding}`
        : schema === null
          ? "none of the schemas in its search path exists"
          : null;
  if (problem !== null) throw new WaybillError("STORE_UNSUITABLE", { path, problem });
}

/**
 * Brings the schema to the latest version. Of processes that do so at the same time one goes first, and the others find
 * nothing left to do, or a newer schema than they know.
 *
 * @throws WaybillError `STORE_NEWER`, `STORE_NOT_A_DATABASE`, and others of connections
 */
export async function migratePostgres(
  address: PostgresAddress,
  migrations: Readonly<Record<string, Migration>> = releasedMigrations,
): Promise<void> {
  const limits = { connectMs: CONNECT_MS, statementMs: 0, lockMs: MIGRATION_LOCK_MS };
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: new PreparedPool(address, limits, 1) }) });
  try {
    // The lock is one of the session, which ends with the pool.
    await db.connection().execute(async (connection) => {
      const name = sql`'waybill migrations ' || current_schema()`;
      await sql`select pg_advisory_lock(hashtextextended(${name}, 0))`.execute(connection);
      await migrateToLatest(connection.withPlugin(new ByteOrderText()), address.path, migrations);
    });
  } catch (error) {
    throw storeError(error, address.path);
  } finally {
    await db.destroy();
  }
}
