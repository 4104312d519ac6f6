import { ALL_PERMISSIONS, Authenticator, may, sessionCookie, type Principal } from "@waybill/access";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { AccessFixture, ORIGIN, ROOT, sqlitePlace, type AccessPlace } from "../testing/access-fixture.ts";

const PASSWORD = "correct horse battery staple";
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

describe("SQLite", () => {
  tokenTests(sqlitePlace);
});

describeWith("postgres", "PostgreSQL", () => {
  tokenTests(async () => {
    const database = await PostgresDatabase.borrow();
    return { address: database.url, dispose: () => database.giveBack() };
  });
});

function code(name: string): unknown {
  return expect.objectContaining({ code: name });
}

function tokenTests(makePlace: () => Promise<AccessPlace>): void {
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

  describe("tokens", () => {
    test("may what they name of what their owner may when they are used", async () => {
      const dev = await fixture.person("dev", { p: "developer", q: "admin" });
      const { token, text } = await fixture.tokens.createPersonal(dev, {
        name: "laptop",
        permissions: ["runs:read", "runs:trigger", "secrets:write"],
        projectId: "p",
      });
      expect(text).toMatch(/^wbp_[A-Za-z0-9_-]{43}$/);
      expect(token).not.toHaveProperty("hash");
      const principal = (await fixture.tokens.authenticate(text)) as Principal;
      expect(principal).toMatchObject({ kind: "user", actorId: "user:dev", tokenId: token.id });
      const allowed = (projectId: string | null) => ALL_PERMISSIONS.filter((name) => may(principal, name, projectId));
      expect(allowed("p")).toEqual(["runs:read", "runs:trigger"]);
      expect(allowed("q")).toEqual([]);
      expect(allowed(null)).toEqual([]);
      await fixture.users.grant(ROOT, "p", dev.id, "viewer");
      const demoted = (await fixture.tokens.authenticate(text)) as Principal;
      expect(ALL_PERMISSIONS.filter((name) => may(demoted, name, "p"))).toEqual(["runs:read"]);
    });

    test("of machines belong to a project and may what they name there", async () => {
      const ada = await fixture.person("ada", { p: "admin" });
      const { text, token } = await fixture.tokens.createMachine(ada, "p", "developer", {
        name: "deploy-bot",
        permissions: ["runs:trigger", "executions:report"],
        expiresAt: null,
      });
      expect(text).toMatch(/^wbm_/);
      const bot = (await fixture.tokens.authenticate(text)) as Principal;
      expect(bot).toMatchObject({ kind: "machine", actorId: "machine:p/deploy-bot", isServerAdmin: false });
      expect(ALL_PERMISSIONS.filter((name) => may(bot, name, "p"))).toEqual(["runs:trigger", "executions:report"]);
      expect(ALL_PERMISSIONS.filter((name) => may(bot, name, "q"))).toEqual([]);
      expect(await fixture.tokens.ofProject(ada, "p")).toEqual([{ ...token, lastUsedAt: fixture.clock.now() }]);
      const global = await fixture.tokens.createMachine(ROOT, null, "viewer", {
        name: "exporter",
        permissions: ["runs:read"],
      });
      const exporter = (await fixture.tokens.authenticate(global.text)) as Principal;
      expect(ALL_PERMISSIONS.filter((name) => may(exporter, name, "anywhere"))).toEqual(["runs:read"]);
    });

    test("are not made beyond what one may", async () => {
      const ada = await fixture.person("ada", { p: "admin" });
      const dev = await fixture.person("dev", { p: "developer" });
      const invalid = code("TOKEN_INVALID");
      const name = "t";
      const { tokens } = fixture;
      await expect(tokens.createMachine(dev, "p", "viewer", { name, permissions: ["runs:read"] })).rejects.toThrow(
        code("ACCESS_DENIED"),
      );
      await expect(tokens.createMachine(ada, null, "viewer", { name, permissions: ["runs:read"] })).rejects.toThrow(
        code("ACCESS_DENIED"),
      );
      for (const permission of ["server:admin", "users:manage", "tokens:own", "secrets:write"] as const) {
        const made = tokens.createMachine(ada, "p", "developer", { name, permissions: [permission] });
        await expect(made).rejects.toThrow(invalid);
      }
      await expect(tokens.createPersonal(dev, { name, permissions: ["executions:report"] })).rejects.toThrow(invalid);
      await expect(tokens.createPersonal(dev, { name, permissions: [] })).rejects.toThrow(invalid);
      const narrow = await tokens.createPersonal(dev, {
        name,
        permissions: ["tokens:own", "runs:read"],
        projectId: "p",
      });
      const held = (await tokens.authenticate(narrow.text)) as Principal;
      const wider = { name, permissions: ["runs:trigger"] as const, projectId: "p" };
      await expect(tokens.createPersonal(held, wider)).rejects.toThrow(invalid);
      const everywhere = { name, permissions: ["runs:read"] as const };
      await expect(tokens.createPersonal(held, everywhere)).rejects.toThrow(invalid);
      await expect(tokens.createPersonal(held, { ...everywhere, projectId: "p" })).resolves.toBeDefined();
    });

    test("have an end, within a year where a person holds them", async () => {
      const dev = await fixture.person("dev");
      const now = fixture.clock.now();
      const token = { name: "t", permissions: ["runs:read"] as const };
      for (const expiresAt of [null, now, now + 367 * DAY_MS]) {
        await expect(fixture.tokens.createPersonal(dev, { ...token, expiresAt })).rejects.toThrow(
          code("TOKEN_INVALID"),
        );
      }
      const { text } = await fixture.tokens.createPersonal(dev, token);
      fixture.clock.advance(90 * DAY_MS - 1);
      expect(await fixture.tokens.authenticate(text)).not.toBeNull();
      fixture.clock.advance(1);
      expect(await fixture.tokens.authenticate(text)).toBeNull();
      expect(await fixture.tokens.removeExpired()).toBe(0);
      fixture.clock.advance(31 * DAY_MS);
      expect(await fixture.tokens.removeExpired()).toBe(1);
    });

    test("are told by all of their characters, and written to once a minute", async () => {
      const dev = await fixture.person("dev");
      const { text, token } = await fixture.tokens.createPersonal(dev, { name: "t", permissions: ["runs:read"] });
      const kept = JSON.stringify([await fixture.store.tables.tokens.ofUser(dev.id), await fixture.entries()]);
      expect(kept).not.toContain(text.slice(12));
      for (let at = 0; at < text.length; at += 1) {
        const wrong = text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
        expect(await fixture.tokens.authenticate(wrong)).toBeNull();
      }
      for (const wrong of ["", "wbp_", `${text}x`, text.replace("wbp_", "wbm_"), token.prefix]) {
        expect(await fixture.tokens.authenticate(wrong)).toBeNull();
      }
      const used = async () => (await fixture.tokens.ofUser(dev.id))[0]?.lastUsedAt;
      const first = fixture.clock.now();
      await fixture.tokens.authenticate(text);
      fixture.clock.advance(MINUTE_MS - 1);
      await fixture.tokens.authenticate(text);
      expect(await used()).toBe(first);
      fixture.clock.advance(1);
      await fixture.tokens.authenticate(text);
      expect(await used()).toBe(first + MINUTE_MS);
    });

    test("are revoked by their owner and by administrators, and by nobody else", async () => {
      const ada = await fixture.person("ada", { p: "admin" });
      const dev = await fixture.person("dev", { p: "developer" });
      const other = await fixture.person("other", { p: "developer" });
      const permissions = ["runs:read"] as const;
      const own = await fixture.tokens.createPersonal(dev, { name: "own", permissions });
      const bot = await fixture.tokens.createMachine(ada, "p", "viewer", { name: "bot", permissions });
      const unknown = code("TOKEN_UNKNOWN");
      for (const [by, id] of [
        [other, own.token.id],
        [ada, own.token.id],
        [dev, bot.token.id],
        [dev, "none"],
      ] as const) {
        await expect(fixture.tokens.revoke(by, id)).rejects.toThrow(unknown);
      }
      await fixture.tokens.revoke(dev, own.token.id);
      await fixture.tokens.revoke(ada, bot.token.id);
      expect(await fixture.tokens.authenticate(own.text)).toBeNull();
      expect(await fixture.tokens.authenticate(bot.text)).toBeNull();
      await expect(fixture.tokens.revoke(dev, own.token.id)).rejects.toThrow(unknown);
    });
  });

  describe("a request", () => {
    test("is a token's, a session's with its CSRF token, or nobody's", async () => {
      await fixture.users.create(ROOT, { name: "ann", password: PASSWORD });
      const { cookie, csrfToken } = await fixture.signIn.withPassword("ann", PASSWORD, ORIGIN);
      const bob = await fixture.person("bob");
      const { text } = await fixture.tokens.createPersonal(bob, { name: "t", permissions: ["runs:read"] });
      const authenticator = new Authenticator(fixture.sessions, fixture.tokens);
      const who = async (credentials: object, method = "POST") =>
        (await authenticator.identify({ method, ...credentials }))?.principal.actorId ?? null;
      const header = `theme=dark; ${sessionCookie(true).set(cookie).split(";")[0] ?? ""}`;
      expect(await who({ authorization: `Bearer ${text}` })).toBe("user:bob");
      expect(await who({ authorization: `bearer  ${text}`, cookie: header })).toBe("user:bob");
      expect(await who({ cookie: header }, "GET")).toBe("user:ann");
      expect(await who({ cookie: header, csrfToken })).toBe("user:ann");
      expect(await who({})).toBeNull();
      expect(await who({ cookie: `${header}; ${header}`, csrfToken })).toBeNull();
      expect(await who({ cookie: "__Host-waybill=guess" })).toBeNull();
      for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get"]) {
        await expect(who({ cookie: header }, method)).rejects.toThrow(code("AUTH_CSRF"));
        await expect(who({ cookie: header, csrfToken: "guess" }, method)).rejects.toThrow(code("AUTH_CSRF"));
      }
      for (const authorization of ["", "Bearer", `Basic ${text}`, `Bearer ${text}x`, `Bearer ${text} ${text}`]) {
        await expect(who({ authorization, cookie: header, csrfToken })).rejects.toThrow(code("AUTH_REQUIRED"));
      }
      expect(sessionCookie(true).read(sessionCookie(true).end().split(";")[0])).toBe("");
    });
  });
}
