import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { ReaderPool, type ReaderPoolOptions } from "./reader-pool.ts";

let directory: string;
let path: string;
let database: DatabaseSync;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "waybill-readers-"));
  path = join(directory, "waybill.db");
  database = new DatabaseSync(path);
  database.exec("pragma journal_mode = wal; create table things (id integer primary key, name text)");
});

afterAll(() => {
  database.close();
  rmSync(directory, { recursive: true });
});

function open(options: ReaderPoolOptions = {}): ReaderPool {
  const pool = new ReaderPool({ path, busyTimeoutMs: 1_000 }, options);
  onTestFinished(() => pool.close());
  return pool;
}

/** A statement that takes about so many steps and gives one row. */
function long(steps: number): string {
  return `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${steps}) select count(*) as c from n`;
}

test("a thread reads what was committed, begins when it is needed, and ends when it is not", async () => {
  const pool = open({ idleMs: 50 });
  expect(pool.size).toBe(0);
  for (const name of ["one", "two"]) {
    database.prepare("insert into things (name) values (?)").run(name);
    expect(await pool.read("select name from things order by id desc limit ?", [1])).toEqual([{ name }]);
  }
  expect(pool.size).toBe(1);
  await expect.poll(() => pool.size, { timeout: 5_000 }).toBe(0);
  expect(await pool.read("select 7 as n", [])).toEqual([{ n: 7 }]);
});

test("it can change nothing, and errors keep what SQLite says of them", async () => {
  const pool = open();
  await expect(pool.read("insert into things (name) values ('x') returning id", [])).rejects.toMatchObject({
    errcode: 8,
  });
  await expect(pool.read("select name from nowhere", [])).rejects.toMatchObject({
    message: expect.stringContaining("nowhere"),
    errcode: 1,
  });
  expect(await pool.read("select 1 as n", [])).toEqual([{ n: 1 }]);
});

test("the process goes on while much is read, and two are read at once", async () => {
  const pool = open();
  await pool.read("select 1", []);
  let turns = 0;
  const heavy = pool.read(long(1_000_000), []);
  let isDone = false;
  void heavy.then(() => (isDone = true));
  const light = await pool.read("select 2 as n", []);
  expect([light, isDone]).toEqual([[{ n: 2 }], false]);
  while (!isDone) {
    turns += 1;
    await setTimeout(1);
  }
  expect(await heavy).toEqual([{ c: 1_000_000 }]);
  expect(turns).toBeGreaterThan(20);
});

test("more than may wait are refused, and what takes too long is given up with a code", async () => {
  const pool = open({ threads: 1, maxWaiting: 2, limitMs: 300 });
  const answer = async (): Promise<unknown> => await pool.read("select 4 as n", []).catch(() => null);
  await expect.poll(answer, { timeout: 30_000 }).toEqual([{ n: 4 }]);
  // The first is with the thread; two wait for it.
  const reads = [long(3_000_000), "select 1", "select 2"].map((sql) => pool.read(sql, []));
  const settled = Promise.allSettled(reads);
  await expect(pool.read("select 3", [])).rejects.toMatchObject({ code: "STORE_BUSY" });
  const codes = (await settled).map((each) => each.status === "rejected" && (each.reason as { code?: unknown }).code);
  expect(codes).toEqual(["STORE_TIMED_OUT", "STORE_TIMED_OUT", "STORE_TIMED_OUT"]);
  // The next one has a thread again, as soon as the statement that was given up is over.
  await expect.poll(answer, { timeout: 30_000 }).toEqual([{ n: 4 }]);
  expect(pool.size).toBe(1);
});

test("who waits when it is closed is told, and nothing is left", async () => {
  const pool = open({ threads: 1 });
  const reads = Promise.allSettled([pool.read(long(200_000), []), pool.read("select 1", [])]);
  await pool.close();
  for (const each of await reads) expect(each).toMatchObject({ status: "rejected", reason: { code: "STORE_BUSY" } });
  expect(pool.size).toBe(0);
  await expect(pool.read("select 1", [])).rejects.toMatchObject({ code: "STORE_BUSY" });
});

test("a file that cannot be opened fails what is read, not the process", async () => {
  const pool = new ReaderPool({ path: join(directory, "none.db"), busyTimeoutMs: 0 });
  onTestFinished(() => pool.close());
  await expect(pool.read("select 1", [])).rejects.toMatchObject({ errcode: 14 });
});
