import { DatabaseSync } from "node:sqlite";
import { Kysely, sql } from "kysely";
import { expect, test } from "vitest";
import { SharedSqliteDialect } from "./dialect.ts";
import { NodeSqliteDatabase } from "./node-sqlite.ts";

test("where SQLite has rolled back by itself, the error is still the one that made it do so", async () => {
  const database = new DatabaseSync(":memory:");
  const db = new Kysely<unknown>({ dialect: new SharedSqliteDialect(new NodeSqliteDatabase(database, 0), 0) });
  await sql`create table t (id integer primary key on conflict rollback)`.execute(db);
  const twice = db.transaction().execute(async (trx) => {
    await sql`insert into t values (1)`.execute(trx);
    await sql`insert into t values (1)`.execute(trx);
  });
  await expect(twice).rejects.toThrow("UNIQUE constraint failed");
  await db.destroy();
});
