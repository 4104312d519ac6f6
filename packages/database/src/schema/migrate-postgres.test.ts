import { once } from "node:events";
import { sql } from "kysely";
import type { Migration } from "kysely/migration";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { openRunStore } from "../open-run-store.ts";
import { readAddress } from "../postgres/address.ts";
import { migratePostgres } from "../postgres/open.ts";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { spawnProgram } from "../testing/spawn-program.ts";

const one: Migration = { up: (db) => db.schema.createTable("one").addColumn("id", "text").execute() };
const two: Migration = { up: (db) => db.schema.createTable("two").addColumn("id", "text").execute() };
const failing: Migration = {
  async up(db) {
    await db.schema.createTable("half").addColumn("id", "text").execute();
    await sql`select nonsense`.execute(db);
  },
};

describeWith("postgres", "migrations on PostgreSQL", () => {
  let database: PostgresDatabase;

  beforeEach(async () => {
    database = await PostgresDatabase.create();
  });

  afterEach(() => database.drop());

  function migrate(migrations: Readonly<Record<string, Migration>>): Promise<void> {
    return migratePostgres(readAddress(database.url), migrations);
  }

  async function tables(): Promise<unknown[]> {
    const rows = await database.execute(
      "select tablename from pg_tables where schemaname = 'public' and tablename not like 'kysely%' order by tablename",
    );
    return rows.map((row) => row["tablename"]);
  }

  test("migrations that are missing are run in order, the others are not run again", async () => {
    await migrate({ "0001_one": one });
    await migrate({ "0001_one": one, "0002_two": two });
    expect(await tables()).toEqual(["one", "two"]);
  });

  test("a migration that fails leaves the schema as it was", async () => {
    await migrate({ "0001_one": one });
    await expect(migrate({ "0001_one": one, "0002_failing": failing })).rejects.toMatchObject({
      code: "STORE_FAILED",
      message: expect.stringContaining("nonsense"),
    });
    expect(await tables()).toEqual(["one"]);
  });

  test("additions of a newer Waybill do not keep an older one out, a breaking change does", async () => {
    await migrate({ "0001_one": one, "0002_two": two });
    await migrate({ "0001_one": one });
    await migrate({ "0001_one": one, "0002_two": two, "0003_breaking": { up: () => Promise.resolve() } });
    await expect(migrate({ "0001_one": one })).rejects.toMatchObject({ code: "STORE_NEWER" });
  });

  test("of migrations that begin at once each is made once, and what went another way is refused", async () => {
    const slow: Migration = {
      async up(db) {
        await sql`select pg_sleep(0.2)`.execute(db);
        await one.up(db);
      },
    };
    const outcomes = await Promise.allSettled([
      migrate({ "0001_one": slow }),
      migrate({ "0001_one": slow }),
      migrate({ "0001_other": slow }),
    ]);
    const failed = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
    expect(await tables()).toEqual(["one"]);
    // Whoever came first made the table; those of the other history are told apart by name, not by an SQL error.
    expect(failed.length).toBeGreaterThan(0);
    for (const error of failed) expect(error).toMatchObject({ code: "STORE_NEWER" });
  });

  test("several processes can make the same new schema at once", async () => {
    const children = Array.from({ length: 4 }, (_, index) =>
      spawnProgram("open-and-create", database.url, `aaaaaaaa-${index}`),
    );
    const exits = await Promise.all(children.map((child) => once(child, "exit")));
    expect(exits).toEqual(children.map(() => [0, null]));
    const store = await openRunStore(database.url);
    expect((await store.list(10)).map((run) => run.number)).toEqual([4, 3, 2, 1]);
    await store.close();
  });

  test("tables of another program are refused and left alone", async () => {
    await database.execute("create table pipeline_runs (theirs integer)");
    await expect(openRunStore(database.url)).rejects.toMatchObject({ code: "STORE_NOT_A_DATABASE" });
    expect(await tables()).toEqual(["pipeline_runs"]);
  });
});
