import { assertCsrfToken, type Principal } from "@waybill/access";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { AccessFixture, ORIGIN, ROOT, sqlitePlace, type AccessPlace } from "../testing/access-fixture.ts";

const PASSWORD = "correct horse battery staple";
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

describe("SQLite", () => {
  peopleTests(sqlitePlace);
});

describeWith("postgres", "PostgreSQL", () => {
  peopleTests(async () => {
    const database = await PostgresDatabase.borrow();
    return { address: database.url, dispose: () => database.giveBack() };
  });
});

function code(name: string): unknown {
  return expect.objectContaining({ code: name });
}

function peopleTests(makePlace: () => Promise<AccessPlace>): void {
  let place: AccessPlace;
  let fixture: AccessFixture;

  beforeEach(async () => {
    place = await makePlace();
    fixture = await AccessFixture.open(place.address);
  });

  afterEach(async () => {
    await fixture.runs.close();
    await place.dispose();
  });

  describe("users", () => {
    test("have a name that is theirs alone, however it is written", async () => {
      const ann = await fixture.users.create(ROOT, {
        name: " Ann ",
        displayName: "Ann Example",
        email: "A@Example.com",
      });
      expect(ann).toMatchObject({ name: "ann", email: "a@example.com", hasPassword: false });
      expect(ann).not.toHaveProperty("passwordHash");
      await expect(fixture.users.create(ROOT, { name: "ANN" })).rejects.toThrow(code("USER_EXISTS"));
      for (const name of ["", "../ann", "a b", "-ann", "x".repeat(129), "ann\0"]) {
        await expect(fixture.users.create(ROOT, { name })).rejects.toThrow(code("USER_INVALID"));
      }
      expect(await fixture.users.find("Ann")).toEqual(ann);
      expect(await fixture.users.find(ann.id)).toEqual(ann);
      await expect(fixture.users.find("bob")).rejects.toThrow(code("USER_UNKNOWN"));
      expect(await fixture.actions()).toEqual(["USER_CREATED user:ann"]);
    });

    test("are listed a page at a time", async () => {
      for (const name of ["cem", "ann", "bob"]) await fixture.users.create(ROOT, { name });
      expect((await fixture.users.list(ROOT, "", 2)).map(({ name }) => name)).toEqual(["ann", "bob"]);
      expect((await fixture.users.list(ROOT, "bob", 2)).map(({ name }) => name)).toEqual(["cem"]);
    });

    test("have roles in projects, which others grant and take back", async () => {
      const ada = await fixture.person("ada", { p: "admin" });
      const dev = await fixture.person("dev");
      await expect(fixture.users.grant(dev, "p", dev.id, "admin")).rejects.toThrow(code("ACCESS_DENIED"));
      await expect(fixture.users.grant(ada, "q", dev.id, "viewer")).rejects.toThrow(code("ACCESS_DENIED"));
      await fixture.users.grant(ada, "p", dev.id, "viewer");
      await fixture.users.grant(ada, "p", dev.id, "developer");
      expect(await fixture.store.tables.users.roles(dev.id)).toEqual(new Map([["p", "developer"]]));
      expect((await fixture.users.members(ada, "p")).map(({ role }) => role).toSorted()).toEqual([
        "admin",
        "developer",
      ]);
      await fixture.users.revoke(ada, "p", dev.id);
      await fixture.users.revoke(ada, "p", dev.id);
      expect(await fixture.store.tables.users.roles(dev.id)).toEqual(new Map());
      const told = (await fixture.entries()).filter(({ action }) => action.startsWith("ROLE_")).slice(-3);
      expect(told.map(({ action, actorId, context }) => [action, actorId, context["role"]])).toEqual([
        ["ROLE_GRANTED", "user:ada", "viewer"],
        ["ROLE_GRANTED", "user:ada", "developer"],
        ["ROLE_REVOKED", "user:ada", undefined],
      ]);
    });

    test("always leave one administrator, also when two give it up at once", async () => {
      const one = await fixture.person("one", {}, true);
      const two = await fixture.person("two", {}, true);
      const results = await Promise.allSettled([
        fixture.users.setServerAdmin(one, one.id, false),
        fixture.users.disable(two, two.id),
      ]);
      expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      expect(results.find(({ status }) => status === "rejected")).toMatchObject({
        reason: { code: "LAST_ADMINISTRATOR" },
      });
      expect(await fixture.store.tables.users.countAdministrators()).toBe(1);
    });

    test("are not made administrators by a token that may only manage users", async () => {
      const root = await fixture.person("root", {}, true);
      const ann = await fixture.users.create(ROOT, { name: "ann" });
      const { text } = await fixture.tokens.createPersonal(root, { name: "hr", permissions: ["users:manage"] });
      const hr = (await fixture.tokens.authenticate(text)) as Principal;
      const denied = code("ACCESS_DENIED");
      const { users } = fixture;
      await expect(users.create(hr, { name: "eve", isServerAdmin: true })).rejects.toThrow(denied);
      await expect(fixture.signIn.issueLink(hr, "root")).rejects.toThrow(denied);
      await expect(users.setServerAdmin(hr, ann.id, true)).rejects.toThrow(denied);
      await expect(users.setPassword(hr, root.id, PASSWORD, null)).rejects.toThrow(denied);
      await expect(users.describe(hr, root.id, { email: "eve@example.com" })).rejects.toThrow(denied);
      await users.describe(hr, ann.id, { email: "Ann@example.com", displayName: " Ann " });
      expect(await users.find("ann")).toMatchObject({ email: "ann@example.com", displayName: "Ann" });
      await expect(users.create(hr, { name: "bob" })).resolves.toBeDefined();
    });

    test("that are disabled are not let in by anything they have", async () => {
      const { id } = await fixture.users.create(ROOT, { name: "ann", password: PASSWORD });
      const { cookie } = await fixture.signIn.withPassword("ann", PASSWORD, ORIGIN);
      const ann = (await fixture.sessions.authenticate(cookie))?.principal as Principal;
      const { text } = await fixture.tokens.createPersonal(ann, { name: "laptop", permissions: ["runs:read"] });
      const { token } = await fixture.signIn.issueLink(ROOT, "ann");
      await fixture.users.disable(ROOT, id);
      expect(await fixture.sessions.authenticate(cookie)).toBeNull();
      expect(await fixture.tokens.authenticate(text)).toBeNull();
      await expect(fixture.signIn.withLink(token, ORIGIN)).rejects.toThrow(code("AUTH_LINK_INVALID"));
      await expect(fixture.signIn.withPassword("ann", PASSWORD, ORIGIN)).rejects.toThrow(code("AUTH_FAILED"));
      await fixture.users.enable(ROOT, id);
      expect(await fixture.tokens.authenticate(text)).not.toBeNull();
      await expect(fixture.signIn.withPassword("ann", PASSWORD, ORIGIN)).resolves.toBeDefined();
    });
  });

  describe("passwords", () => {
    test("let in who knows them, and tell nobody else anything", async () => {
      await fixture.users.create(ROOT, { name: "ann", password: PASSWORD });
      await fixture.users.create(ROOT, { name: "nopassword" });
      const opened = await fixture.signIn.withPassword("ANN", PASSWORD, ORIGIN);
      expect(opened.session).toMatchObject({ method: "password", address: "192.0.2.1", userAgent: "a browser" });
      for (const [name, password] of [
        ["ann", "wrong"],
        ["ann", ""],
        ["nobody", PASSWORD],
        ["nopassword", ""],
        ["nopassword", PASSWORD],
        ["ann\0", PASSWORD],
        ["x".repeat(5000), PASSWORD],
      ] as const) {
        await expect(fixture.signIn.withPassword(name, password, ORIGIN)).rejects.toThrow(code("AUTH_FAILED"));
      }
      expect(JSON.stringify(await fixture.entries())).not.toContain("scrypt");
    });

    test("are changed by who knows the old one, which ends the other sessions", async () => {
      const { id } = await fixture.users.create(ROOT, { name: "ann", password: PASSWORD });
      const [here, there] = [
        await fixture.signIn.withPassword("ann", PASSWORD, ORIGIN),
        await fixture.signIn.withPassword("ann", PASSWORD, ORIGIN),
      ];
      const ann = (await fixture.sessions.authenticate(here.cookie))?.principal as Principal;
      const next = "another long pass phrase";
      const wrong = { password: "wrong", address: "192.0.2.1" };
      await expect(fixture.users.setPassword(ann, id, next, wrong)).rejects.toThrow(code("AUTH_FAILED"));
      await expect(fixture.users.setPassword(ann, id, next, null)).rejects.toThrow(code("AUTH_FAILED"));
      const right = { ...wrong, password: PASSWORD };
      await fixture.users.setPassword(ann, id, next, right, here.session.id);
      expect(await fixture.sessions.authenticate(here.cookie)).not.toBeNull();
      expect(await fixture.sessions.authenticate(there.cookie)).toBeNull();
      await expect(fixture.signIn.withPassword("ann", PASSWORD, ORIGIN)).rejects.toThrow(code("AUTH_FAILED"));
      await expect(fixture.signIn.withPassword("ann", next, ORIGIN)).resolves.toBeDefined();
    });

    test("are not changed with a token, and not of others", async () => {
      const { id } = await fixture.users.create(ROOT, { name: "ann", password: PASSWORD });
      const { cookie } = await fixture.signIn.withPassword("ann", PASSWORD, ORIGIN);
      const ann = (await fixture.sessions.authenticate(cookie))?.principal as Principal;
      const { text } = await fixture.tokens.createPersonal(ann, { name: "all", permissions: ["tokens:own"] });
      const token = (await fixture.tokens.authenticate(text)) as Principal;
      const current = { password: PASSWORD, address: "192.0.2.1" };
      await expect(fixture.users.setPassword(token, id, "another long pass phrase", current)).rejects.toThrow(
        code("ACCESS_DENIED"),
      );
      const bob = await fixture.person("bob", { p: "admin" });
      for (const user of [id, "no such user"]) {
        await expect(fixture.users.setPassword(bob, user, "another long pass phrase", current)).rejects.toThrow(
          code("ACCESS_DENIED"),
        );
      }
    });
  });

  describe("links", () => {
    test("sign in once, also when they are opened twice at once", async () => {
      await fixture.users.create(ROOT, { name: "ann" });
      const { token } = await fixture.signIn.issueLink(ROOT, "ann");
      const results = await Promise.allSettled(Array.from({ length: 5 }, () => fixture.signIn.withLink(token, ORIGIN)));
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      await expect(fixture.signIn.withLink(token, ORIGIN)).rejects.toThrow(code("AUTH_LINK_INVALID"));
    });

    test("end after ten minutes, and others there are none", async () => {
      await fixture.users.create(ROOT, { name: "ann" });
      const { token } = await fixture.signIn.issueLink(ROOT, "ann");
      fixture.clock.advance(10 * MINUTE_MS);
      await expect(fixture.signIn.withLink(token, ORIGIN)).rejects.toThrow(code("AUTH_LINK_INVALID"));
      await expect(fixture.signIn.withLink("guess", ORIGIN)).rejects.toThrow(code("AUTH_LINK_INVALID"));
      await expect(fixture.signIn.issueLink(ROOT, "nobody")).rejects.toThrow(code("USER_UNKNOWN"));
      expect(JSON.stringify(await fixture.entries())).not.toContain(token);
    });

    test("the first start gives one to one administrator, of however many servers", async () => {
      const other = await AccessFixture.open(place.address);
      const links = await Promise.all([fixture, other, fixture, other].map(({ signIn }) => signIn.bootstrap(ROOT)));
      await other.runs.close();
      const given = links.filter((link) => link !== null);
      expect(given).toHaveLength(1);
      const { cookie, user } = await fixture.signIn.withLink(given[0]?.token ?? "", ORIGIN);
      expect(user).toMatchObject({ name: "admin", isServerAdmin: true });
      expect((await fixture.sessions.authenticate(cookie))?.principal.isServerAdmin).toBe(true);
      expect(await fixture.signIn.bootstrap(ROOT)).toBeNull();
    });
  });

  describe("sessions", () => {
    test("end when they are not used, and in any case after a week", async () => {
      await fixture.users.create(ROOT, { name: "ann", password: PASSWORD });
      const idle = await fixture.signIn.withPassword("ann", PASSWORD, ORIGIN);
      const busy = await fixture.signIn.withPassword("ann", PASSWORD, ORIGIN);
      const halfDay = DAY_MS / 2;
      for (let at = 0; at < 7 * DAY_MS - halfDay; at += halfDay - 1) {
        fixture.clock.advance(halfDay - 1);
        expect(await fixture.sessions.authenticate(busy.cookie)).not.toBeNull();
      }
      expect(await fixture.sessions.authenticate(idle.cookie)).toBeNull();
      expect(await fixture.sessions.ofUser(busy.user.id)).toHaveLength(1);
      fixture.clock.advance(halfDay - 1);
      expect(await fixture.sessions.authenticate(busy.cookie)).toBeNull();
      expect(await fixture.sessions.removeExpired()).toBe(2);
    });

    test("are written to once a minute, however busy they are", async () => {
      await fixture.users.create(ROOT, { name: "ann", password: PASSWORD });
      const { cookie, session } = await fixture.signIn.withPassword("ann", PASSWORD, ORIGIN);
      const seen = async () => (await fixture.sessions.ofUser(session.userId))[0]?.lastSeenAt;
      fixture.clock.advance(MINUTE_MS - 1);
      await fixture.sessions.authenticate(cookie);
      expect(await seen()).toBe(session.createdAt);
      fixture.clock.advance(1);
      await fixture.sessions.authenticate(cookie);
      expect(await seen()).toBe(session.createdAt + MINUTE_MS);
    });

    test("begin anew at each sign-in, and what the browser came with is over", async () => {
      await fixture.users.create(ROOT, { name: "ann", password: PASSWORD });
      const first = await fixture.signIn.withPassword("ann", PASSWORD, ORIGIN);
      const second = await fixture.signIn.withPassword("ann", PASSWORD, ORIGIN, first.cookie);
      expect(second.cookie).not.toBe(first.cookie);
      expect(second.csrfToken).not.toBe(first.csrfToken);
      expect(await fixture.sessions.authenticate(first.cookie)).toBeNull();
      expect(await fixture.sessions.authenticate(second.cookie)).not.toBeNull();
    });

    test("are ended one by one and all at once", async () => {
      await fixture.users.create(ROOT, { name: "ann", password: PASSWORD });
      const [a, b, c] = await Promise.all([1, 2, 3].map(() => fixture.signIn.withPassword("ann", PASSWORD, ORIGIN)));
      const active = await fixture.sessions.authenticate(a?.cookie ?? "");
      if (active === null || b === undefined || c === undefined) throw new Error("three are signed in");
      const bob = await fixture.person("bob", { p: "admin" });
      await expect(fixture.sessions.close(bob, b.session)).rejects.toThrow(code("ACCESS_DENIED"));
      await expect(fixture.sessions.closeAll(bob, b.user.id, null)).rejects.toThrow(code("ACCESS_DENIED"));
      await fixture.sessions.close(active.principal, b.session);
      expect(await fixture.sessions.authenticate(b.cookie)).toBeNull();
      expect(await fixture.sessions.closeAll(active.principal, active.principal.id, active.session.id)).toBe(1);
      expect(await fixture.sessions.authenticate(c.cookie)).toBeNull();
      expect(await fixture.sessions.authenticate(a?.cookie ?? "")).not.toBeNull();
      expect((await fixture.actions()).slice(-2)).toEqual([
        `SIGNED_OUT session:${b.session.id}`,
        `SESSIONS_ENDED user:${active.principal.id}`,
      ]);
    });

    test("are known by their own CSRF token alone, and their cookie is kept nowhere", async () => {
      await fixture.users.create(ROOT, { name: "ann", password: PASSWORD });
      const [mine, other] = [
        await fixture.signIn.withPassword("ann", PASSWORD, ORIGIN),
        await fixture.signIn.withPassword("ann", PASSWORD, ORIGIN),
      ];
      const active = await fixture.sessions.authenticate(mine.cookie);
      if (active === null) throw new Error("ann is signed in");
      expect(() => assertCsrfToken(active, mine.csrfToken)).not.toThrow();
      for (const wrong of [other.csrfToken, "", undefined, mine.cookie, `${mine.csrfToken}x`]) {
        expect(() => assertCsrfToken(active, wrong)).toThrow(code("AUTH_CSRF"));
      }
      const kept = JSON.stringify([await fixture.store.tables.sessions.ofUser(mine.user.id), await fixture.entries()]);
      expect(kept).not.toContain(mine.cookie);
      expect(kept).not.toContain(mine.csrfToken);
      for (const wrong of ["", "x", mine.session.hash, mine.cookie.slice(1), `${mine.cookie}x`]) {
        expect(await fixture.sessions.authenticate(wrong)).toBeNull();
      }
    });
  });
}
