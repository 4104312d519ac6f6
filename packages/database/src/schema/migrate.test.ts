import { DatabaseSync } from "node:sqlite";
import { Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SharedSqliteDialect } from "../sqlite/dialect.ts";
import { NodeSqliteDatabase } from "../sqlite/node-sqlite.ts";
import { migrateToLatest } from "./migrate.ts";

const one: Migration = { up: (db) => db.schema.createTable("one").addColumn("id", "text").execute() };
const two: Migration = { up: (db) => db.schema.createTable("two").addColumn("id", "text").execute() };
const failing: Migration = {
  async up(db) {
    await db.schema.createTable("half").addColumn("id", "text").execute();
    await sql`select nonsense`.execute(db);
  },
};

let db: Kysely<unknown>;

beforeEach(() => {
  db = new Kysely({ dialect: new SharedSqliteDialect(new NodeSqliteDatabase(new DatabaseSync(":memory:"), 0), 0) });
});

afterEach(() => db.destroy());

async function tables(): Promise<string[]> {
  return (await db.introspection.getTables()).map((table) => table.name);
}

test("migrations that are missing are run in order, the others are not run again", async () => {
  await migrateToLatest(db, "x.db", { "0001_one": one });
  await migrateToLatest(db, "x.db", { "0001_one": one, "0002_two": two });
  expect(await tables()).toEqual(["one", "two"]);
});

test("a migration that fails leaves the schema as it was", async () => {
  await migrateToLatest(db, "x.db", { "0001_one": one });
  await expect(migrateToLatest(db, "x.db", { "0001_one": one, "0002_failing": failing })).rejects.toThrow("nonsense");
  expect(await tables()).toEqual(["one"]);
});

test("additions of a newer Waybill do not keep an older one out", async () => {
  await migrateToLatest(db, "x.db", { "0001_one": one, "0002_two": two });
  await migrateToLatest(db, "x.db", { "0001_one": one });
  expect(await tables()).toEqual(["one", "two"]);
});

test("a breaking change of a newer Waybill is refused by name", async () => {
  await migrateToLatest(db, "x.db", { "0001_one": one, "0002_breaking_two": two });
  await expect(migrateToLatest(db, "x.db", { "0001_one": one })).rejects.toMatchObject({
    code: "STORE_NEWER",
    message: expect.stringContaining("0002_breaking_two"),
  });
});

test("a database whose history went another way is refused", async () => {
  await migrateToLatest(db, "x.db", { "0001_one": one, "0002_theirs": two });
  await expect(migrateToLatest(db, "x.db", { "0001_one": one, "0002_ours": two })).rejects.toMatchObject({
    code: "STORE_NEWER",
  });
});
