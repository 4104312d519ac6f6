import { inspect } from "node:util";
import { errorRegistry, type ErrorCode } from "@waybill/core";
import { sampleRun } from "@waybill/engine/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { makeServer, TEST_PASSWORD } from "../../../../test/support/postgres.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { openRunStore, type RunStoreOptions } from "../open-run-store.ts";
import type { SqlRunStore } from "../runs/sql-run-store.ts";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { readAddress } from "./address.ts";

const NOTHING = { jobs: [], steps: [], executions: [], artifacts: [], events: [] };

describe("addresses", () => {
  test.each([
    ["postgres://u:s3cret@db.internal/waybill", "postgres://db.internal:5432/waybill"],
    ["postgresql://u:s3cret@[::1]:6000/a%20b?sslmode=disable", "postgres://[::1]:6000/a%20b"],
    ["postgres://u:s3cret@/waybill?host=/run/pg&port=5433", "postgres:///waybill?host=/run/pg&port=5433"],
    ["postgres://h/waybill?user=u&password=s3cret", "postgres://h:5432/waybill"],
  ])("%s is shown without its secrets", (url, path) => {
    expect(readAddress(url).path).toBe(path);
  });

  test.each([
    "postgres://u:s3c/ret@h/waybill",
    "postgres://u:12/s3cret@h/waybill",
    "postgres://u:12?s3cret@h/waybill",
    "postgres://u:12#s3cret@h/waybill",
    "postgres://u@x:12/s3cret@h/waybill",
    "postgres://u:s3cret@h/wayb%ff",
    "postgres://u:s3cret@h:port/waybill",
    "postgres://u:s3cret@h:99999/waybill",
  ])("%s is refused without a word of it", (url) => {
    const error = caught(() => readAddress(url));
    expect(error).toMatchObject({ code: "STORE_BAD_ADDRESS" });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/s3c|ret@/);
  });
});

describeWith("postgres", "a PostgreSQL store", () => {
  let database: PostgresDatabase;

  beforeAll(async () => {
    database = await PostgresDatabase.create();
  });

  beforeEach(async () => {
    await (await openRunStore(database.url)).close();
    await database.clear();
  });

  afterAll(() => database.drop());

  async function open(url = database.url, options: RunStoreOptions = {}): Promise<SqlRunStore> {
    const store = await openRunStore(url, options);
    onTestFinished(() => store.close());
    return store;
  }

  test.each<[string, ErrorCode, (url: URL) => void]>([
    ["a server that does not run", "STORE_UNREACHABLE", (url) => (url.port = "1")],
    ["a host there is not", "STORE_UNREACHABLE", (url) => (url.hostname = "no-such-host.invalid")],
    ["a socket there is not", "STORE_UNREACHABLE", (url) => (url.search = "?host=/nonexistent")],
    ["a server without TLS", "STORE_UNREACHABLE", (url) => (url.search = "?sslmode=verify-full")],
    ["a wrong password", "STORE_ACCESS_DENIED", (url) => (url.password = "wr0ng")],
    ["no password", "STORE_ACCESS_DENIED", (url) => (url.password = "")],
    ["an unknown user", "STORE_ACCESS_DENIED", (url) => (url.username = "nobody")],
    ["an unknown database", "STORE_NO_DATABASE", (url) => (url.pathname = "/nowhere")],
  ])("%s has a code, a remedy, exit code 3, and no secret in any of it", async (_, code, change) => {
    const url = new URL(database.url);
    change(url);
    const error: unknown = await openRunStore(url.href).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, remedy: expect.stringMatching(/\w/) });
    expect(errorRegistry[code].exitCode).toBe(3);
    const text = inspect(error, { depth: 9, showHidden: true });
    for (const secret of [TEST_PASSWORD, encodeURIComponent(TEST_PASSWORD), "wr0ng"])
      expect(text).not.toContain(secret);
  });

  test("a database that cannot hold every text is refused", async () => {
    const latin = await PostgresDatabase.create("encoding latin1 locale 'C' template template0");
    onTestFinished(() => latin.drop());
    await expect(openRunStore(latin.url)).rejects.toMatchObject({ code: "STORE_UNSUITABLE" });
  });

  test("a user who may not make tables is told so", async () => {
    const user = `user_${database.name}`;
    await database.execute(`create role ${user} login password 'other'`);
    const empty = await PostgresDatabase.create();
    onTestFinished(async () => {
      await empty.drop();
      await database.execute(`drop role ${user}`);
    });
    await empty.execute("revoke create on schema public from public");
    const url = new URL(empty.url);
    Object.assign(url, { username: user, password: "other" });
    await expect(openRunStore(url.href)).rejects.toMatchObject({ code: "STORE_ACCESS_DENIED" });
  });

  test("a database that takes no changes is an error that says so", async () => {
    const store = await open(`${database.url}?options=-c%20default_transaction_read_only%3Don`);
    await expect(store.create(sampleRun("aaaaaaaa-1"))).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
  });

  test("a lock that another holds for too long is an error; afterwards the store works on", async () => {
    const store = await open(database.url, { busyTimeoutMs: 50 });
    const held = database.execute("begin; lock table pipeline_runs; select pg_sleep(0.5); commit");
    await expect.poll(async () => await failureOf(store.list(1))).toMatchObject({ code: "STORE_LOCKED" });
    await held;
    expect((await store.create(sampleRun("aaaaaaaa-1"))).number).toBe(1);
  });

  test("a statement that takes too long is an error", async () => {
    const store = await open(database.url, { statementTimeoutMs: 50 });
    const held = database.execute("begin; lock table pipeline_runs; select pg_sleep(0.5); commit");
    await expect.poll(async () => await failureOf(store.list(1))).toMatchObject({ code: "STORE_TIMED_OUT" });
    await held;
    expect(await store.list(1)).toEqual([]);
  });

  test("a transaction that others get in the way of is made again, and not for ever", async () => {
    const store = await open();
    await store.create(sampleRun("aaaaaaaa-1"));
    await database.execute(`
      create table tries (); create sequence counter;
      create function refuse() returns trigger language plpgsql as $$ begin
        if nextval('counter') < 3 then raise exception 'in the way' using errcode = '40001'; end if;
        return new;
      end $$;
      create trigger refuse before update on pipeline_runs for each row execute function refuse()`);
    onTestFinished(async () => void (await database.execute("drop function refuse cascade; drop table tries")));
    await store.commit("aaaaaaaa-1", { ...NOTHING, run: { status: "running" } });
    expect(await store.find("1")).toMatchObject({ status: "running" });
    expect(await database.execute("select last_value::integer from counter")).toEqual([{ last_value: 3 }]);

    await database.execute("alter sequence counter restart; alter sequence counter increment by -1 minvalue -100");
    const refused = store.commit("aaaaaaaa-1", { ...NOTHING, run: { status: "failed" } });
    await expect(refused).rejects.toMatchObject({ code: "STORE_LOCKED" });
    expect(await database.execute("select last_value::integer from counter")).toEqual([{ last_value: -3 }]);
    expect(await store.find("1")).toMatchObject({ status: "running" });
  });

  test("a message with the character that PostgreSQL cannot hold is stored with another in its place", async () => {
    const store = await open();
    await store.create(sampleRun("aaaaaaaa-1"));
    await store.commit("aaaaaaaa-1", { ...NOTHING, jobs: [{ id: "aaaaaaaa-1/job-0", message: "a\0b" }] });
    expect((await store.jobs("aaaaaaaa-1"))[0]?.message).toBe("a\uFFFDb");
  });

  test("a row that something else has spoilt is an error, not a wrong record", async () => {
    const store = await open();
    await store.create(sampleRun("aaaaaaaa-1"));
    await database.execute("update pipeline_runs set created_at = 9007199254740993");
    await expect(store.find("1")).rejects.toMatchObject({
      code: "STORE_DAMAGED",
      message: expect.stringContaining("created_at"),
    });
  });

  test("runs that are created at the same time by several processes get numbers without a gap", async () => {
    const stores = [await open(), await open(), await open()] as const;
    const store = (n: number): SqlRunStore => stores[(n % 3) as 0 | 1 | 2];
    const runs = await Promise.all(Array.from({ length: 30 }, (_, n) => store(n).create(sampleRun(`aaaaaaaa-${n}`))));
    const numbers = runs.map((run) => run.number).toSorted((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  });

  test("commits to one run do not wait for those to another", async () => {
    const store = await open();
    await store.create(sampleRun("aaaaaaaa-1"));
    await store.create(sampleRun("bbbbbbbb-2"));
    const held = database.execute(
      "begin; select 1 from pipeline_runs where id = 'aaaaaaaa-1' for update; select pg_sleep(1); commit",
    );
    const order: string[] = [];
    await expect
      .poll(async () => await database.execute("select 1 from pg_stat_activity where wait_event = 'PgSleep'"))
      .toHaveLength(1);
    const blocked = store.commit("aaaaaaaa-1", { ...NOTHING, run: { status: "running" } }).then(() => order.push("a"));
    await store.commit("bbbbbbbb-2", { ...NOTHING, run: { status: "running" } }).then(() => order.push("b"));
    await Promise.all([blocked, held]);
    expect(order).toEqual(["b", "a"]);
  });
});

describeWith("postgres", "a PostgreSQL server that stops", () => {
  test("what was under way fails by name, and the store works on when the server is back", async () => {
    const server = await makeServer();
    onTestFinished(() => server.remove());
    const store = await openRunStore(server.url);
    onTestFinished(() => store.close());
    await store.create(sampleRun("aaaaaaaa-1"));
    const claim = await store.claim("aaaaaaaa-1");
    server.stop("immediate");
    await expect(store.commit("aaaaaaaa-1", { ...NOTHING, run: { status: "running" } })).rejects.toMatchObject({
      code: expect.stringMatching(/^STORE_(?:UNREACHABLE|CLAIM_LOST)$/),
    });
    await expect.poll(() => claim?.lost.aborted).toBe(true);
    await expect(store.list(1)).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    server.start();
    // It recovers first.
    await expect.poll(async () => await store.list(1).catch(() => []), { timeout: 20_000 }).toHaveLength(1);
    await claim?.release(false);
    expect(await store.claim("aaaaaaaa-1")).not.toBeNull();
  });
});

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => null,
    (error: unknown) => error,
  );
}
