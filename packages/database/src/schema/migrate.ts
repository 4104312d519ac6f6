import { WaybillError } from "@waybill/core";
import { sql, type Kysely } from "kysely";
import { DEFAULT_MIGRATION_TABLE, type Migration } from "kysely/migration";
import { isBreaking, migrations as releasedMigrations } from "./migrations/index.ts";

/**
 * Brings the schema to what this version of Waybill works with. Costs one query where there is nothing to do.
 *
 * @param path Named in errors.
 * @throws WaybillError `STORE_NEWER` where a newer Waybill made a breaking change, or has migrations of its own while
 *   some of ours are missing: their order would be lost. `STORE_NOT_A_DATABASE` where tables of the names of ours are
 *   somebody else's.
 */
export async function migrateToLatest<Schema>(
  db: Kysely<Schema>,
  path: string,
  migrations: Readonly<Record<string, Migration>> = releasedMigrations,
): Promise<void> {
  if (await isMigrated(db, path, migrations)) return;

  const { Migrator } = await import("kysely/migration");
  const provider = { getMigrations: () => Promise.resolve({ ...migrations }) };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error !== undefined) throw error;
}

/** Whether no migration is missing. @throws WaybillError as `migrateToLatest` */
export async function isMigrated<Schema>(
  db: Kysely<Schema>,
  path: string,
  migrations: Readonly<Record<string, Migration>> = releasedMigrations,
): Promise<boolean> {
  const executed = await executedMigrations(db, path);
  const unknown = executed.filter((name) => !Object.hasOwn(migrations, name));
  const missing = Object.keys(migrations).filter((name) => !executed.includes(name));
  const blocking = unknown.find(isBreaking) ?? (missing.length > 0 ? unknown[0] : undefined);
  if (blocking !== undefined) throw new WaybillError("STORE_NEWER", { path, migration: blocking });
  return missing.length === 0;
}

async function executedMigrations<Schema>(db: Kysely<Schema>, path: string): Promise<readonly string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === DEFAULT_MIGRATION_TABLE)) {
    if (tables.some((table) => table.name === "pipeline_runs"))
      throw new WaybillError("STORE_NOT_A_DATABASE", { path });
    return [];
  }
  const { rows } = await sql<{ readonly name: string }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(
    db,
  );
  return rows.map((row) => row.name);
}
