import { sampleRun } from "@waybill/engine/testing";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { openRunStore } from "../open-run-store.ts";
import type { SqlRunStore } from "../runs/sql-run-store.ts";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";

const RUN = "aaaaaaaa-1";
const NOTHING = { jobs: [], steps: [], executions: [], artifacts: [], events: [] };
const CLAIM_SESSIONS = "pg_stat_activity where application_name = 'waybill claims' and datname = current_database()";

describeWith("postgres", "claims on PostgreSQL", () => {
  let database: PostgresDatabase;

  beforeAll(async () => {
    database = await PostgresDatabase.create();
  });

  afterAll(() => database.drop());

  beforeEach(async () => {
    const store = await open();
    await database.clear();
    await store.create(sampleRun(RUN));
  });

  async function open(): Promise<SqlRunStore> {
    const store = await openRunStore(database.url);
    onTestFinished(() => store.close());
    return store;
  }

  function endClaimSessions(): Promise<unknown> {
    return database.execute(`select pg_terminate_backend(pid) from ${CLAIM_SESSIONS}`);
  }

  test("who loses the connection notices, commits nothing more, and another can have the run", async () => {
    const [store, other] = [await open(), await open()];
    const claim = await store.claim(RUN);
    await store.commit(RUN, { ...NOTHING, run: { status: "running" } });
    await endClaimSessions();
    await expect.poll(() => claim?.lost.aborted).toBe(true);
    expect(claim?.lost.reason).toMatchObject({ code: "STORE_CLAIM_LOST" });
    const late = store.commit(RUN, { ...NOTHING, run: { status: "failed" } });
    await expect(late).rejects.toMatchObject({ code: "STORE_CLAIM_LOST" });
    // Until it has let go of the run it cannot claim it again.
    expect(await store.claim(RUN)).toBeNull();
    const next = await other.claim(RUN);
    expect(next?.lost.aborted).toBe(false);
    await claim?.release(true);
    // The release of a claim that is lost takes nothing from the next.
    expect(await store.claim(RUN)).toBeNull();
    expect(await other.claimed()).toEqual([RUN]);
    await other.commit(RUN, { ...NOTHING, run: { status: "success" } });
    expect(await store.find("1")).toMatchObject({ status: "success" });
  });

  test("who has not noticed yet that the claim is lost is stopped by the database", async () => {
    const store = await open();
    const claim = await store.claim(RUN);
    // Another server claims the run: here in the very moment, before the lost connection can be noticed.
    await database.execute(`update run_claims set token = 'another' where run_id = '${RUN}'`);
    expect(claim?.lost.aborted).toBe(false);
    const late = store.commit(RUN, { ...NOTHING, run: { status: "failed" } });
    await expect(late).rejects.toMatchObject({ code: "STORE_CLAIM_LOST" });
    expect(await store.find("1")).toMatchObject({ status: "pending" });
    expect(claim?.lost.aborted).toBe(true);
  });

  test("whoever claims a run waits for a commit of the one before", async () => {
    const [store, other] = [await open(), await open()];
    await store.claim(RUN);
    // A commit that hangs behind its lock of the claim.
    await database.execute(`
      create function linger() returns trigger language plpgsql as $$ begin perform pg_sleep(1); return new; end $$;
      create trigger linger before update on pipeline_runs for each row execute function linger()`);
    onTestFinished(async () => void (await database.execute("drop function linger cascade")));
    const commit = store.commit(RUN, { ...NOTHING, run: { status: "running" } });
    await expect
      .poll(async () => await database.execute("select 1 from pg_stat_activity where wait_event = 'PgSleep'"))
      .toHaveLength(1);
    await endClaimSessions();
    const claim = await other.claim(RUN);
    expect(claim).not.toBeNull();
    expect(await other.find("1")).toMatchObject({ status: "running" });
    await commit;
  });

  test("of many that claim a run at once one gets it", async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, open));
    const claims = await Promise.all(stores.flatMap((store) => [store.claim(RUN), store.claim(RUN)]));
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
  });

  test("a claim that is released leaves no lock, and closing the store leaves no session", async () => {
    const store = await openRunStore(database.url);
    const claim = await store.claim(RUN);
    const unreleased = await store.claim("bbbbbbbb-2");
    expect(await database.execute("select 1 from pg_locks where locktype = 'advisory'")).toHaveLength(2);
    await claim?.release(true);
    expect(await database.execute("select 1 from pg_locks where locktype = 'advisory'")).toHaveLength(1);
    await store.close();
    await expect.poll(async () => await database.execute(`select 1 from ${CLAIM_SESSIONS}`)).toEqual([]);
    expect(unreleased?.lost.aborted).toBe(false);
    expect(await (await open()).claimed()).toEqual(["bbbbbbbb-2"]);
  });
});
