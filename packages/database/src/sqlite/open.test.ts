import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { errorRegistry } from "@waybill/core";
import { sampleRun } from "@waybill/engine/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRunStore } from "../open-run-store.ts";
import { spawnProgram } from "../testing/spawn-program.ts";
import { storeError } from "./errors.ts";

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "waybill-open-"));
  path = join(directory, "data", "waybill.db");
});

afterEach(() => rm(directory, { recursive: true }));

test("the database and its directory are made for this user only", async () => {
  const store = await openRunStore(path);
  expect((await stat(join(directory, "data"))).mode & 0o777).toBe(0o700);
  const names = await readdir(join(directory, "data"));
  expect(names.toSorted()).toEqual(["waybill.db", "waybill.db-shm", "waybill.db-wal"]);
  for (const name of names) expect((await stat(join(directory, "data", name))).mode & 0o777).toBe(0o600);
  await store.close();
});

test("the database is in WAL mode, so that others can read while one writes", async () => {
  const store = await openRunStore(path);
  const database = new DatabaseSync(path);
  expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  database.close();
  await store.close();
});

test("a file that is no database is refused and left alone", async () => {
  await mkdir(join(directory, "data"));
  await writeFile(path, "hello\n".repeat(1_000));
  await expect(openRunStore(path)).rejects.toMatchObject({ code: "STORE_NOT_A_DATABASE" });
  expect((await stat(path)).size).toBe(6_000);
});

test("a database of another program is refused and left alone", async () => {
  await mkdir(join(directory, "data"));
  const theirs = new DatabaseSync(path);
  theirs.exec("CREATE TABLE notes (text TEXT)");
  await expect(openRunStore(path)).rejects.toMatchObject({ code: "STORE_NOT_A_DATABASE" });
  expect(theirs.prepare("SELECT name FROM sqlite_schema").all()).toEqual([{ name: "notes" }]);
  theirs.close();
});

test("a directory in the way is an error that says so", async () => {
  await mkdir(path, { recursive: true });
  await expect(openRunStore(path)).rejects.toMatchObject({ code: "STORE_CANNOT_OPEN" });
});

test("a file where the directory should be is an error that says so", async () => {
  await writeFile(join(directory, "data"), "");
  await expect(openRunStore(path)).rejects.toMatchObject({ code: "STORE_CANNOT_OPEN" });
});

test("a lock that another holds for too long is an error; afterwards the store works on", async () => {
  const store = await openRunStore(path, { busyTimeoutMs: 1 });
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  await expect(store.create(sampleRun("aaaaaaaa-1"))).rejects.toMatchObject({ code: "STORE_LOCKED" });
  other.exec("ROLLBACK");
  other.close();
  expect((await store.create(sampleRun("aaaaaaaa-1"))).number).toBe(1);
  await store.close();
});

test("a row that something else has spoilt is an error, not a wrong record", async () => {
  const store = await openRunStore(path);
  await store.create(sampleRun("aaaaaaaa-1"));
  const other = new DatabaseSync(path);
  other.exec("UPDATE pipeline_runs SET status = 'excellent'");
  other.close();
  await expect(store.find("1")).rejects.toMatchObject({
    code: "STORE_DAMAGED",
    message: expect.stringContaining("status"),
  });
  await store.close();
});

test.each([
  [
    "a full disk",
    "STORE_FULL",
    (at: string) => {
      const database = new DatabaseSync(at);
      database.exec("PRAGMA max_page_count = 2; CREATE TABLE t (a)");
      database.prepare("INSERT INTO t VALUES (?)").run("x".repeat(100_000));
    },
  ],
  [
    "a read-only file",
    "STORE_READ_ONLY",
    (at: string) => {
      new DatabaseSync(at).close();
      new DatabaseSync(at, { readOnly: true }).exec("CREATE TABLE t (a)");
    },
  ],
] as const)("%s has a code, a remedy and exit code 3", (_, code, provoke) => {
  expect(() => {
    try {
      provoke(join(directory, "x.db"));
    } catch (error) {
      throw storeError(error, "x.db");
    }
  }).toThrow(expect.objectContaining({ code, remedy: expect.stringMatching(/\w/) }));
  expect(errorRegistry[code].exitCode).toBe(3);
});

test("several processes can make the same new database at once", { timeout: 60_000 }, async () => {
  const children = Array.from({ length: 4 }, (_, index) => spawnProgram("open-and-create", path, `aaaaaaaa-${index}`));
  const exits = await Promise.all(children.map((child) => once(child, "exit")));
  expect(exits).toEqual(children.map(() => [0, null]));
  const store = await openRunStore(path);
  expect((await store.list(10)).map((run) => run.number)).toEqual([4, 3, 2, 1]);
  await store.close();
});
