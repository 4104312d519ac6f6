import { AuditLog, SecretService, type AccessStore, type KeyRing, type SecretsRequest } from "@waybill/access";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { AccessFixture, newRing, ROOT, sqlitePlace, type AccessPlace } from "../testing/access-fixture.ts";

const VALUE = "correct horse battery staple";
const REQUEST: SecretsRequest = {
  projectId: "p",
  environment: null,
  branch: "main",
  runId: "run-1",
  jobName: "build",
  isFork: false,
  isApproved: false,
};

describe("SQLite", () => {
  secretTests(sqlitePlace);
});

describeWith("postgres", "PostgreSQL", () => {
  secretTests(async () => {
    const database = await PostgresDatabase.borrow();
    return { address: database.url, dispose: () => database.giveBack() };
  });
});

function code(name: string): unknown {
  return expect.objectContaining({ code: name });
}

/** Breaks off as a process does that is killed before its nth transaction. */
function interruptedAfter(store: AccessStore, transactions: number): AccessStore {
  let left = transactions;
  return {
    tables: store.tables,
    audit: store.audit,
    transaction: (work) => {
      if (left === 0) return Promise.reject(new Error("killed"));
      left -= 1;
      return store.transaction(work);
    },
    auditAlongside: (entry) => store.auditAlongside(entry),
  };
}

function secretTests(makePlace: () => Promise<AccessPlace>): void {
  let place: AccessPlace;
  let fixture: AccessFixture;
  let ring: KeyRing;
  let secrets: SecretService;

  beforeEach(async () => {
    place = await makePlace();
    fixture = await AccessFixture.open(place.address);
    ring = newRing();
    secrets = new SecretService(fixture.store, ring, fixture.clock);
  });

  afterEach(async () => {
    await fixture.runs.close();
    await place.dispose();
  });

  async function set(name: string, value: string, environment = "", branch = ""): Promise<void> {
    await secrets.set(ROOT, { projectId: "p", name, environment, branch }, value);
  }

  async function got(change: Partial<SecretsRequest> = {}): Promise<Record<string, string>> {
    return Object.fromEntries(await secrets.secretsFor(ROOT, { ...REQUEST, ...change }));
  }

  test("a job gets the secret that is meant for it most of all", async () => {
    await set("TOKEN", "of the project");
    await set("TOKEN", "of any release", "", "release/*");
    await set("TOKEN", "of this release", "", "release/1");
    await set("TOKEN", "of production", "prod");
    await set("TOKEN", "of production, main", "prod", "main");
    await secrets.set(ROOT, { projectId: "q", name: "TOKEN", environment: "", branch: "" }, "of another project");
    const told = { environment: "prod", branch: "release/1" };
    expect(await got()).toEqual({ TOKEN: "of the project" });
    expect(await got({ branch: null })).toEqual({ TOKEN: "of the project" });
    expect(await got({ branch: "release/2" })).toEqual({ TOKEN: "of any release" });
    expect(await got({ branch: "release/1" })).toEqual({ TOKEN: "of this release" });
    expect(await got(told)).toEqual({ TOKEN: "of production" });
    expect(await got({ environment: "prod" })).toEqual({ TOKEN: "of production, main" });
    expect(await got({ projectId: "none" })).toEqual({});
  });

  test("a fork's run gets none until it is approved", async () => {
    await set("TOKEN", VALUE);
    expect(await got({ isFork: true })).toEqual({});
    expect(await got({ isFork: true, isApproved: true })).toEqual({ TOKEN: VALUE });
  });

  test("values go in and are nowhere to be seen", async () => {
    await set("TOKEN", VALUE, "prod", "main");
    await set("TOKEN", `${VALUE}, changed`, "prod", "main");
    await got({ environment: "prod" });
    const listed = await secrets.list(ROOT, "p");
    expect(listed).toEqual([
      {
        id: expect.any(String) as unknown,
        name: "TOKEN",
        environment: "prod",
        branch: "main",
        createdAt: fixture.clock.now(),
        updatedAt: fixture.clock.now(),
        updatedBy: "system:test",
      },
    ]);
    await secrets.remove(ROOT, { projectId: "p", name: "TOKEN", environment: "prod", branch: "main" });
    expect(await fixture.actions()).toEqual([
      "SECRET_CREATED secret:TOKEN",
      "SECRET_CHANGED secret:TOKEN",
      "SECRET_ACCESSED run:run-1",
      "SECRET_REMOVED secret:TOKEN",
    ]);
    const seen = JSON.stringify([listed, await fixture.entries(), await fixture.store.tables.secrets.ofProject("p")]);
    for (const form of [VALUE, Buffer.from(VALUE).toString("base64"), Buffer.from(VALUE).toString("base64url")]) {
      expect(seen).not.toContain(form.slice(0, 20));
    }
  });

  test.each([
    ["a digit first", "1TOKEN", VALUE],
    ["a dash", "MY-TOKEN", VALUE],
    ["no name", "", VALUE],
    ["a long name", "X".repeat(129), VALUE],
    ["a value that would show", "TOKEN", "§"],
    ["a NUL character", "TOKEN", "nul\0nul"],
    ["half a character", "TOKEN", "half \uD800"],
    ["a long value", "TOKEN", "x".repeat(32 * 1024 + 1)],
  ])("%s is refused, and the value not told", async (_what, name, value) => {
    const error: unknown = await set(name, value).catch((reason: unknown) => reason);
    expect(error).toEqual(code("SECRET_INVALID"));
    expect(JSON.stringify([String(error), error])).not.toContain(value);
    expect(await fixture.entries()).toEqual([]);
  });

  test.each([
    ["prod*", ""],
    ["a b", ""],
    ["", "a\nb"],
    ["", "x".repeat(201)],
  ])("the scope %s %s is refused", async (environment, branch) => {
    await expect(set("TOKEN", VALUE, environment, branch)).rejects.toThrow(code("SECRET_SCOPE_INVALID"));
  });

  test("a project has so many and no more, however many set them at once", async () => {
    for (let index = 0; index < 495; index += 1) {
      const key = { id: `s${index}`, projectId: "p", name: `S${index}`, environment: "", branch: "" };
      const dates = { createdAt: 0, updatedAt: 0, updatedBy: "user:ann" };
      await fixture.store.tables.secrets.insert({ ...key, ...dates, ciphertext: "x", keyId: ring.primary.id });
    }
    const results = await Promise.allSettled(Array.from({ length: 10 }, (_, index) => set(`NEW${index}`, VALUE)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
    expect(results.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "SECRETS_TOO_MANY" } });
    await set("NEW0", "another value").catch(() => set("S1", "another value"));
    expect(await fixture.store.tables.secrets.count("p")).toBe(500);
  });

  test("who may not, does not", async () => {
    const viewer = await fixture.person("vera", { p: "viewer" });
    const developer = await fixture.person("dev", { p: "developer" });
    const admin = await fixture.person("ada", { p: "admin" });
    const key = { projectId: "p", name: "TOKEN", environment: "", branch: "" };
    await expect(secrets.set(developer, key, VALUE)).rejects.toThrow(code("ACCESS_DENIED"));
    await expect(secrets.list(viewer, "p")).rejects.toThrow(code("ACCESS_DENIED"));
    await secrets.set(admin, key, VALUE);
    await expect(secrets.set(admin, { ...key, projectId: "q" }, VALUE)).rejects.toThrow(code("ACCESS_DENIED"));
    await expect(secrets.remove(developer, key)).rejects.toThrow(code("ACCESS_DENIED"));
    expect(await secrets.list(developer, "p")).toHaveLength(1);
    await expect(secrets.remove(admin, { ...key, branch: "main" })).rejects.toThrow(code("SECRET_UNKNOWN"));
  });

  test("a row's content in another row's place, or changed, is an error that names the secret", async () => {
    await set("TOKEN", VALUE);
    await set("OTHER", "another value");
    const [other, token] = await fixture.store.tables.secrets.ofProject("p");
    if (other === undefined || token === undefined) throw new Error("there are two");
    await fixture.store.tables.secrets.replace({ ...token, ciphertext: other.ciphertext }, null);
    await expect(got()).rejects.toThrow(code("SECRET_UNREADABLE"));
    await expect(got()).rejects.toThrow("TOKEN");
    await fixture.store.tables.secrets.replace({ ...token, ciphertext: token.ciphertext.slice(0, -4) }, null);
    await expect(got()).rejects.toThrow(code("SECRET_UNREADABLE"));
    await set("TOKEN", VALUE);
    expect(await got()).toEqual({ TOKEN: VALUE, OTHER: "another value" });
  });

  test("a key that is gone is noticed before a job fails for it", async () => {
    await set("TOKEN", VALUE);
    const others = new SecretService(fixture.store, newRing(), fixture.clock);
    expect(await others.missingKeys()).toEqual([ring.primary.id]);
    expect(await secrets.missingKeys()).toEqual([]);
    await expect(others.secretsFor(ROOT, REQUEST)).rejects.toThrow(ring.primary.id);
    expect(await others.reencrypt(ROOT)).toMatchObject({ reencrypted: 0, unreadable: [{ name: "TOKEN" }] });
    expect(await got()).toEqual({ TOKEN: VALUE });
  });

  test("a change of keys that is killed anywhere goes on, and no secret is lost", async () => {
    const names = Array.from({ length: 7 }, (_, index) => `S${index}`);
    for (const name of names) await set(name, `value of ${name}`);
    const expected = Object.fromEntries(names.map((name) => [name, `value of ${name}`]));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 8 }),
        async (kills, batch) => {
          const next = newRing(ring);
          for (const transactions of kills) {
            const killed = new SecretService(interruptedAfter(fixture.store, transactions), next, fixture.clock);
            await killed.reencrypt(ROOT, batch).catch(() => undefined);
            const anew = new SecretService(fixture.store, next, fixture.clock);
            expect(Object.fromEntries(await anew.secretsFor(ROOT, REQUEST))).toEqual(expected);
          }
          const last = new SecretService(fixture.store, next, fixture.clock);
          expect((await last.reencrypt(ROOT, batch)).unreadable).toEqual([]);
          expect(await fixture.store.tables.secrets.keyIds()).toEqual([next.primary.id]);
          // The old key is needed no more.
          ring = next;
          secrets = new SecretService(fixture.store, ring, fixture.clock);
          expect(await got()).toEqual(expected);
        },
      ),
      { numRuns: 8 },
    );
    expect(await new AuditLog(fixture.store.audit).verify()).toMatchObject({ isIntact: true });
  });

  test("a secret that is set while keys change stays as it was set", async () => {
    for (let index = 0; index < 20; index += 1) await set(`S${index}`, "the old value");
    const next = newRing(ring);
    const anew = new SecretService(fixture.store, next, fixture.clock);
    await Promise.all([
      anew.reencrypt(ROOT, 3),
      ...Array.from({ length: 20 }, (_, index) => set(`S${index}`, "the new value")),
    ]);
    await anew.reencrypt(ROOT);
    expect(new Set((await anew.secretsFor(ROOT, REQUEST)).values())).toEqual(new Set(["the new value"]));
  });
}
