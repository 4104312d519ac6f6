import { once } from "node:events";
import { DatabaseSync } from "node:sqlite";
import { AuditLog, type NewAuditEntry } from "@waybill/access";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { AccessFixture, ROOT, sqlitePlace, type AccessPlace } from "../testing/access-fixture.ts";
import { spawnProgram } from "../testing/spawn-program.ts";

interface TamperedPlace extends AccessPlace {
  /** Runs SQL as somebody would who is not Waybill. */
  execute(sql: string): Promise<void>;
}

describe("SQLite", () => {
  auditTests(async () => {
    const place = await sqlitePlace();
    return {
      ...place,
      execute: (sql) => {
        const database = new DatabaseSync(place.address);
        database.exec(sql);
        database.close();
        return Promise.resolve();
      },
    };
  });
});

describeWith("postgres", "PostgreSQL", () => {
  auditTests(async () => {
    const database = await PostgresDatabase.create();
    return {
      address: database.url,
      dispose: () => database.drop(),
      execute: async (sql) => void (await database.execute(sql)),
    };
  });
});

const ENTRY: NewAuditEntry = {
  time: 1000,
  actorId: "user:ann",
  action: "CONFIG_CHANGED",
  resource: "config:server",
  projectId: null,
  context: {},
};

function auditTests(makePlace: () => Promise<TamperedPlace>): void {
  let place: TamperedPlace;
  let fixture: AccessFixture;
  let log: AuditLog;

  beforeEach(async () => {
    place = await makePlace();
    fixture = await AccessFixture.open(place.address);
    log = new AuditLog(fixture.store.audit);
  });

  afterEach(async () => {
    await fixture.runs.close();
    await place.dispose();
  });

  async function append(...entries: readonly NewAuditEntry[]): Promise<void> {
    await fixture.store.transaction((tx) => {
      for (const entry of entries) tx.audit(entry);
      return Promise.resolve();
    });
  }

  test("keeps what is told in any characters and any depth", async () => {
    const context = { b: { z: [1, null, "é\u0000\uD800"], a: 0.1 }, a: true, "": "x", __proto: -0 };
    await append({ ...ENTRY, actorId: "user:\0\uD800", context }, { ...ENTRY, projectId: "p" });
    expect(await log.verify()).toMatchObject({ isIntact: true, entries: 2 });
    expect((await log.list({ afterSeq: 0, limit: 1 }))[0]).toMatchObject({ seq: 1, actorId: "user:\uFFFD\uFFFD" });
    expect(await log.list({ afterSeq: 0, limit: 10, projectId: "p" })).toMatchObject([{ seq: 2 }]);
    expect(await log.list({ afterSeq: 1, limit: 10, actorId: "user:ann", action: "CONFIG_CHANGED" })).toHaveLength(1);
    expect(await log.list({ afterSeq: 0, limit: 10, resource: "config:other" })).toEqual([]);
    const newest = await log.list({ afterSeq: 0, beforeSeq: Number.MAX_SAFE_INTEGER, limit: 1 });
    const before = await log.list({ afterSeq: 0, beforeSeq: newest[0]?.seq ?? 0, limit: 10 });
    expect([...before.toReversed(), ...newest]).toEqual(await log.list({ afterSeq: 0, limit: 11 }));
    expect((await log.head())?.seq).toBe(2);
  });

  test("tells of nothing that was not done", async () => {
    const { id } = await fixture.users.create(ROOT, { name: "ann" });
    const failing = fixture.store.transaction(async (tx) => {
      await tx.users.update(id, { displayName: "changed" });
      tx.audit(ENTRY);
      throw new Error("the work failed");
    });
    await expect(failing).rejects.toThrow("the work failed");
    const tooLarge = fixture.store.transaction(async (tx) => {
      await tx.users.update(id, { displayName: "changed" });
      tx.audit({ ...ENTRY, context: { text: "x".repeat(10_000) } });
    });
    await expect(tooLarge).rejects.toThrow(expect.objectContaining({ code: "AUDIT_ENTRY_TOO_LARGE" }));
    expect(await fixture.users.find(id)).toMatchObject({ displayName: "" });
    expect(await fixture.actions()).toEqual(["USER_CREATED user:ann"]);
  });

  test("finds what somebody has changed in the database", async () => {
    await append(...Array.from({ length: 20 }, () => ENTRY));
    const anchor = (await log.head()) ?? undefined;
    await place.execute("update audit_log set actor_id = 'user:bob' where seq = 7");
    expect(await log.verify(anchor)).toEqual({ isIntact: false, brokenAt: 7, problem: "changed" });
    await place.execute("update audit_log set actor_id = 'user:ann' where seq = 7");
    expect(await log.verify(anchor)).toMatchObject({ isIntact: true, entries: 20 });
    await place.execute("delete from audit_log where seq > 15");
    expect(await log.verify(anchor)).toEqual({ isIntact: false, brokenAt: 16, problem: "cut_off" });
    await place.execute("delete from audit_log where seq = 3");
    expect(await log.verify()).toEqual({ isIntact: false, brokenAt: 3, problem: "missing" });
  });

  test("is one chain, whoever appends at once", async () => {
    const other = await AccessFixture.open(place.address);
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 === 0 ? fixture : other).store.transaction((tx) => {
          tx.audit({ ...ENTRY, context: { index } });
          tx.audit({ ...ENTRY, context: { index, second: true } });
          return Promise.resolve();
        }),
      ),
    );
    await other.runs.close();
    expect(await log.verify()).toMatchObject({ isIntact: true, entries: 80 });
  });

  test("is one chain of several processes, one of which is killed in the middle", async () => {
    const user = { displayName: "", email: null, passwordHash: null, isServerAdmin: false, disabledAt: null };
    await fixture.store.tables.users.insert({ ...user, id: "u1", name: "u1", createdAt: 0 });
    const killed = spawnProgram("audit-writer", place.address, "killed", "100000");
    const others = ["one", "two"].map((name) => spawnProgram("audit-writer", place.address, name, "60"));
    const ended = others.map((child) => once(child, "exit"));
    const killedEnd = once(killed, "exit");
    const deadline = Date.now() + 40_000;
    while ((await log.list({ afterSeq: 0, limit: 10, actorId: "user:killed" })).length < 10) {
      if (Date.now() > deadline) throw new Error("nothing was appended");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    killed.kill("SIGKILL");
    await killedEnd;
    for (const [status] of await Promise.all(ended)) expect(status).toBe(0);
    expect(await log.verify()).toMatchObject({ isIntact: true });
    for (const name of ["one", "two"]) {
      const own = await log.list({ afterSeq: 0, limit: 1000, actorId: `user:${name}` });
      expect(own.map(({ context }) => context["index"])).toEqual(Array.from({ length: 60 }, (_, index) => index));
    }
  });
}
