import { OidcSignIn, OpenIdProvider } from "@waybill/access";
import { FakeOpenIdProvider, type FakeUser } from "@waybill/access/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { AccessFixture, ORIGIN, ROOT, sqlitePlace, type AccessPlace } from "../testing/access-fixture.ts";

const REDIRECT = "https://waybill.example.com/v1/oidc/callback";
const ANN = { sub: "1", email: "ann@example.com", email_verified: true, name: "Ann\u0000 Example" };

describe("SQLite", () => {
  oidcTests(sqlitePlace);
});

describeWith("postgres", "PostgreSQL", () => {
  oidcTests(async () => {
    const database = await PostgresDatabase.borrow();
    return { address: database.url, dispose: () => database.giveBack() };
  });
});

function code(name: string): unknown {
  return expect.objectContaining({ code: name });
}

function oidcTests(makePlace: () => Promise<AccessPlace>): void {
  let place: AccessPlace;
  let fixture: AccessFixture;
  let fake: FakeOpenIdProvider;

  beforeEach(async () => {
    place = await makePlace();
    fixture = await AccessFixture.open(place.address);
    fake = await FakeOpenIdProvider.start(REDIRECT);
  });

  afterEach(async () => {
    await fake.stop();
    await fixture.runs.close();
    await place.dispose();
  });

  function signInOf(domains: readonly string[] = []): OidcSignIn {
    const { issuer, clientId, clientSecret } = fake;
    const provider = new OpenIdProvider({ issuer, clientId, clientSecret, redirectUri: REDIRECT }, fixture.clock);
    return new OidcSignIn(fixture.store, provider, fixture.sessions, { domains }, fixture.clock);
  }

  async function signIn(oidc: OidcSignIn, user: FakeUser): ReturnType<OidcSignIn["finish"]> {
    const { url, binding } = await oidc.start("/runs");
    return await oidc.finish(fake.signIn(url, user), binding, ORIGIN);
  }

  test("who was invited by address signs in, and is known from then on whatever the address", async () => {
    const { id } = await fixture.users.create(ROOT, { name: "ann", email: "ann@example.com" });
    const { opened, returnTo } = await signIn(signInOf(), ANN);
    expect(returnTo).toBe("/runs");
    expect(opened.user.id).toBe(id);
    expect((await fixture.sessions.authenticate(opened.cookie))?.principal.actorId).toBe("user:ann");
    const again = await signIn(signInOf(), { sub: "1", email: "married@example.com", email_verified: false });
    expect(again.opened.user.id).toBe(id);
    expect((await fixture.actions()).filter((action) => action.startsWith("IDENTITY_"))).toHaveLength(1);
  });

  test("who was not invited is nobody, unless the domain is one of ours", async () => {
    await expect(signIn(signInOf(), ANN)).rejects.toThrow(code("AUTH_NOT_INVITED"));
    await expect(signIn(signInOf(["other.com", "ample.com"]), ANN)).rejects.toThrow(code("AUTH_NOT_INVITED"));
    expect(await fixture.store.tables.users.count()).toBe(0);
    const { opened } = await signIn(signInOf(["Example.com"]), ANN);
    expect(opened.user).toMatchObject({ name: "ann@example.com", displayName: "Ann Example", isServerAdmin: false });
    expect(await fixture.store.tables.users.roles(opened.user.id)).toEqual(new Map());
  });

  test("an address that nobody proved, or that is another user's, takes nothing over", async () => {
    await fixture.users.create(ROOT, { name: "ann", email: "ann@example.com" });
    const oidc = signInOf(["example.com"]);
    await expect(signIn(oidc, { ...ANN, email_verified: false })).rejects.toThrow(code("AUTH_NOT_INVITED"));
    await signIn(oidc, ANN);
    await expect(signIn(oidc, { ...ANN, sub: "another" })).rejects.toThrow(code("AUTH_NOT_INVITED"));
    await fixture.users.create(ROOT, { name: "bob", email: "bob@example.com", password: "a long pass phrase" });
    const bob = { sub: "2", email: "bob@example.com", email_verified: true };
    await expect(signIn(oidc, bob)).rejects.toThrow(code("AUTH_NOT_INVITED"));
    for (const name of ["two", "three"]) await fixture.users.create(ROOT, { name, email: "shared@example.com" });
    const shared = { sub: "3", email: "shared@example.com", email_verified: true };
    await expect(signIn(oidc, shared)).rejects.toThrow(code("AUTH_NOT_INVITED"));
  });

  test("who is disabled is not let in", async () => {
    const oidc = signInOf(["example.com"]);
    const { opened } = await signIn(oidc, ANN);
    await fixture.users.disable(ROOT, opened.user.id);
    await expect(signIn(oidc, ANN)).rejects.toThrow(code("AUTH_NOT_INVITED"));
  });

  test("a sign-in is finished once, in time, by the browser that began it", async () => {
    const oidc = signInOf(["example.com"]);
    const refused = code("OIDC_REFUSED");
    const once = await oidc.start("/");
    const query = fake.signIn(once.url, ANN);
    await oidc.finish(query, once.binding, ORIGIN);
    await expect(oidc.finish(query, once.binding, ORIGIN)).rejects.toThrow(refused);

    const [mine, theirs] = [await oidc.start("/"), await oidc.start("/")];
    await expect(oidc.finish(fake.signIn(mine.url, ANN), theirs.binding, ORIGIN)).rejects.toThrow(refused);
    await expect(oidc.finish(fake.signIn(theirs.url, ANN), null, ORIGIN)).rejects.toThrow(refused);

    const late = await oidc.start("/");
    const lateQuery = fake.signIn(late.url, ANN);
    fixture.clock.advance(10 * 60_000);
    await expect(oidc.finish(lateQuery, late.binding, ORIGIN)).rejects.toThrow(refused);

    const doubled = await oidc.start("/");
    const doubledQuery = `${fake.signIn(doubled.url, ANN)}&state=other`;
    await expect(oidc.finish(doubledQuery, doubled.binding, ORIGIN)).rejects.toThrow(refused);
    await expect(oidc.finish("?code=x", doubled.binding, ORIGIN)).rejects.toThrow(refused);
  });

  test("of two that come back at once with the same answer, one is let in", async () => {
    const oidc = signInOf(["example.com"]);
    const { url, binding } = await oidc.start("/");
    const query = fake.signIn(url, ANN);
    const results = await Promise.allSettled([1, 2, 3].map(() => oidc.finish(query, binding, ORIGIN)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test.each(["//evil.example.com", "/\\evil.example.com", "https://evil.example.com", "javascript:x", "", "/a\nb"])(
    "nobody is sent to %j afterwards",
    async (returnTo) => {
      const oidc = signInOf(["example.com"]);
      const { url, binding } = await oidc.start(returnTo);
      expect((await oidc.finish(fake.signIn(url, ANN), binding, ORIGIN)).returnTo).toBe("/");
    },
  );
}
