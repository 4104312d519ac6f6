import { systemPrincipal } from "@waybill/access";
import { FakeOpenIdProvider } from "@waybill/access/testing";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { signedIn } from "../../testing/people.ts";
import { testServer, type TestServer } from "../../testing/test-server.ts";

const PASSWORD = "a long enough passphrase";
const FORM = "application/x-www-form-urlencoded";
const TEST = systemPrincipal("test");

let data: string;

beforeEach(() => {
  data = realpathSync(mkdtempSync(join(tmpdir(), "waybill-sign-in-")));
});

afterEach(() => rmSync(data, { recursive: true, force: true }));

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

async function json(response: Response): Promise<Json> {
  return await response.json();
}

async function codeOf(response: Response): Promise<readonly [number, string]> {
  return [response.status, (await json(response)).code];
}

/** What a browser sends back of it. */
function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

async function submit(
  server: TestServer,
  path: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = { origin: server.url },
): Promise<Response> {
  const body = new URLSearchParams(fields).toString();
  return await fetch(server.url + path, {
    method: "POST",
    redirect: "manual",
    body,
    headers: { "content-type": FORM, ...headers },
  });
}

test("a link signs in once, by a button of a page that changes nothing by being looked at", async () => {
  const server = await testServer(data);
  const nobody = server.as({});
  const { access } = server.services;
  await access.users.create(TEST, { name: "ann" });
  const { token } = await access.signIn.issueLink(TEST, "ann");
  // The page is one for everybody: the token stays behind `#`, with the browser.
  for (let look = 0; look < 3; look += 1) await (await nobody.get("/sign-in")).text();
  // Forms of other sites, and of what does not say where it is from.
  for (const headers of [{ origin: "https://evil.example.com" }, { origin: "null" }, {}]) {
    expect(await codeOf(await submit(server, "/sign-in/link", { token }, headers))).toEqual([403, "AUTH_CSRF"]);
  }
  const opened = await submit(server, "/sign-in/link", { token });
  expect([opened.status, opened.headers.get("location")]).toEqual([303, "/"]);
  expect(opened.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^waybill=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax$/),
  ]);
  expect(await json(await server.as({ cookie: cookieOf(opened) }).get("/v1/me"))).toMatchObject({
    actor: "user:ann",
    kind: "user",
    permissions: null,
    csrf_token: expect.stringMatching(/^[\w-]{43}$/),
  });
  expect(await codeOf(await submit(server, "/sign-in/link", { token }))).toEqual([401, "AUTH_LINK_INVALID"]);
  expect(server.logged.join()).not.toContain(token);
});

test("a password signs in, and what it opened needs the CSRF token to change anything", async () => {
  const server = await testServer(data);
  const nobody = server.as({});
  await server.services.access.users.create(TEST, { name: "ann", password: PASSWORD, isServerAdmin: true });
  expect(await codeOf(await nobody.post("/v1/sign-in/password", { name: "ann", password: "wrong" }))).toEqual([
    401,
    "AUTH_FAILED",
  ]);
  expect(await codeOf(await nobody.post("/v1/sign-in/password", { name: "bob", password: PASSWORD }))).toEqual([
    401,
    "AUTH_FAILED",
  ]);
  const opened = await nobody.post("/v1/sign-in/password", { name: "ann", password: PASSWORD });
  const { csrf_token: csrf } = await json(opened);
  const cookie = cookieOf(opened);
  const withCookie = server.as({ cookie });
  expect(await codeOf(await withCookie.post("/v1/projects", { name: "x" }))).toEqual([403, "AUTH_CSRF"]);
  expect(
    await codeOf(await server.as({ cookie, "x-csrf-token": "x".repeat(43) }).post("/v1/projects", { name: "x" })),
  ).toEqual([403, "AUTH_CSRF"]);
  const ann = server.as({ cookie, "x-csrf-token": csrf });
  expect((await ann.post("/v1/projects", { name: "x" })).status).toBe(201);
  // A session cookie that was set before signing in is of no use afterwards.
  const again = await submit(
    server,
    "/sign-in/password",
    { name: "ann", password: PASSWORD },
    { origin: server.url, cookie },
  );
  expect(again.status).toBe(303);
  expect(await codeOf(await withCookie.get("/v1/me"))).toEqual([401, "AUTH_REQUIRED"]);
  const me = await json(await server.as({ cookie: cookieOf(again) }).get("/v1/me"));
  const anew = server.as({ cookie: cookieOf(again), "x-csrf-token": me.csrf_token });
  const out = await anew.post("/v1/sign-out");
  expect([out.status, out.headers.getSetCookie()]).toEqual([
    204,
    ["waybill=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"],
  ]);
  expect(await codeOf(await anew.get("/v1/me"))).toEqual([401, "AUTH_REQUIRED"]);
});

test("behind TLS cookies are for this host alone, and browsers are told to stay with TLS", async () => {
  const server = await testServer(data, { "public-url": "https://waybill.example.com" });
  await server.services.access.users.create(TEST, { name: "ann", password: PASSWORD });
  const opened = await server.as({}).post("/v1/sign-in/password", { name: "ann", password: PASSWORD });
  expect(opened.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Host-waybill=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/),
  ]);
  expect(opened.headers.get("strict-transport-security")).toBe("max-age=31536000");
  expect((await server.as({ cookie: cookieOf(opened) }).get("/v1/me")).status).toBe(200);
  expect((await server.as({ cookie: cookieOf(opened).replace("__Host-", "") }).get("/v1/me")).status).toBe(401);
});

test("people sign in through the organisation's provider", async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const provider = await FakeOpenIdProvider.start(`${url}/sign-in/oidc/callback`);
  onTestFinished(() => provider.stop());
  const secretFile = join(data, "client-secret");
  writeFileSync(secretFile, `${provider.clientSecret}\n`);
  const server = await testServer(join(data, "server"), {
    listen: `127.0.0.1:${port}`,
    "public-url": url,
    "oidc-issuer": provider.issuer,
    "oidc-client-id": provider.clientId,
    "oidc-client-secret-file": secretFile,
    "oidc-domains": "example.com",
  });
  const nobody = server.as({});
  expect(await json(await nobody.get("/v1/sign-in"))).toEqual({ oidc: true });
  const begun = await nobody.get("/sign-in/oidc?return_to=/runs/1");
  expect(begun.status).toBe(303);
  const query = provider.signIn(begun.headers.get("location") ?? "", {
    sub: "1",
    email: "ann@example.com",
    email_verified: true,
  });
  expect(await codeOf(await nobody.get(`/sign-in/oidc/callback${query}`))).toEqual([401, "OIDC_REFUSED"]);
  const browser = server.as({ accept: "text/html" });
  expect((await browser.get(`/sign-in/oidc/callback${query}`)).headers.get("location")).toMatch(
    /^\/sign-in\?problem=OIDC_REFUSED&request_id=[\w-]+$/,
  );

  const begunAgain = await nobody.get("/sign-in/oidc?return_to=//evil.example.com");
  const answer = provider.signIn(begunAgain.headers.get("location") ?? "", {
    sub: "1",
    email: "ann@example.com",
    email_verified: true,
  });
  const back = await server.as({ cookie: cookieOf(begunAgain) }).get(`/sign-in/oidc/callback${answer}`);
  expect([back.status, back.headers.get("location")]).toEqual([303, "/"]);
  expect(back.headers.getSetCookie()).toHaveLength(2);
  expect(await json(await server.as({ cookie: cookieOf(back) }).get("/v1/me"))).toMatchObject({
    actor: "user:ann@example.com",
    server_admin: false,
    roles: {},
  });
  expect(server.logged).toEqual([]);
});

test("an administrator invites somebody, gives a role, takes it away, and all of it is in the audit log", async () => {
  const server = await testServer(data);
  const root = await signedIn(server, "root", {}, true);
  const project = (await json(await root.post("/v1/projects", { name: "shop" }))).id;
  const ann = await json(
    await root.post("/v1/users", { name: "Ann", display_name: "Ann A.", email: "ann@example.com" }),
  );
  expect(ann).toMatchObject({ name: "ann", has_password: false, server_admin: false });
  const link = await json(await root.post(`/v1/users/${ann.id}/sign-in-link`));
  const opened = await server.as({}).post("/v1/sign-in/link", { token: link.path.split("#")[1] });
  const session = server.as({ cookie: cookieOf(opened), "x-csrf-token": (await json(opened)).csrf_token });
  expect((await session.get(`/v1/projects/${project}`)).status).toBe(404);
  expect((await root.send("PUT", `/v1/projects/${project}/members/ann`, { role: "developer" })).status).toBe(200);
  expect((await session.get(`/v1/projects/${project}`)).status).toBe(200);
  expect((await json(await session.get(`/v1/projects/${project}/members`))).items).toEqual([
    { user_id: ann.id, user: "ann", role: "developer" },
  ]);
  expect((await session.post("/v1/me/password", { password: PASSWORD })).status).toBe(204);
  const made = await json(await session.post("/v1/tokens", { name: "laptop", permissions: ["projects:read"] }));
  const laptop = server.as({ authorization: `Bearer ${made.text}` });
  expect((await laptop.get(`/v1/projects/${project}`)).status).toBe(200);
  expect((await laptop.get("/v1/tokens")).status).toBe(403);
  expect((await session.send("DELETE", `/v1/tokens/${made.token.id}`)).status).toBe(204);
  expect(await codeOf(await laptop.get(`/v1/projects/${project}`))).toEqual([401, "AUTH_REQUIRED"]);
  expect((await root.send("DELETE", `/v1/projects/${project}/members/ann`)).status).toBe(204);
  expect((await session.get(`/v1/projects/${project}`)).status).toBe(404);
  expect((await root.send("PATCH", `/v1/users/${ann.id}`, { is_disabled: true })).status).toBe(200);
  expect(await codeOf(await session.get("/v1/me"))).toEqual([401, "AUTH_REQUIRED"]);

  const log = (await json(await root.get("/v1/audit?limit=200"))).items;
  expect(log.map(({ actor_id: actor, action }: Json) => `${actor} ${action}`)).toEqual(
    expect.arrayContaining([
      "user:root PROJECT_CREATED",
      "user:root USER_CREATED",
      "user:root SIGN_IN_LINK_ISSUED",
      "user:ann SIGNED_IN",
      "user:root ROLE_GRANTED",
      "user:ann PASSWORD_CHANGED",
      "user:ann TOKEN_CREATED",
      "user:ann TOKEN_REVOKED",
      "user:root ROLE_REVOKED",
      "user:root USER_DISABLED",
    ]),
  );
  const verdict = await json(await root.post("/v1/audit/verify"));
  expect(verdict).toMatchObject({ is_intact: true, entries: log.length });
  const lines = (await (await root.get("/v1/audit/export")).text()).trimEnd().split("\n");
  const last = JSON.parse(lines.at(-1) ?? "");
  expect([lines.length, last.integrity_hash]).toEqual([log.length, verdict.head_hash]);
  const forged = { seq: last.seq, integrity_hash: "0".repeat(64) };
  expect(await json(await root.post("/v1/audit/verify", { anchor: forged }))).toMatchObject({ is_intact: false });
  expect(JSON.stringify([log, lines, server.logged])).not.toMatch(new RegExp(`${PASSWORD}|wbp_`));
});

test("keys of secrets are changed while the server serves them", async () => {
  const server = await testServer(data);
  const root = await signedIn(server, "root", {}, true);
  const project = (await json(await root.post("/v1/projects", { name: "shop" }))).id;
  const path = `/v1/projects/${project}/secrets/TOKEN`;
  expect((await root.send("PUT", path, { value: "of-the-first-key" })).status).toBe(200);
  expect(await codeOf(await root.send("PUT", path, { value: "abc" }))).toEqual([422, "SECRET_INVALID"]);
  expect(await json(await root.post("/v1/secrets/reencrypt"))).toEqual({
    reencrypted: 0,
    unreadable: [],
    missing_keys: [],
  });
  await server.close();
  const { addKey, keyFilePath } = await import("@waybill/access");
  await addKey(keyFilePath(data));
  const second = await testServer(data);
  expect(
    await json(await signedIn(second, "root2", {}, true).then((admin) => admin.post("/v1/secrets/reencrypt"))),
  ).toEqual({
    reencrypted: 1,
    unreadable: [],
    missing_keys: [],
  });
  expect((await second.send("DELETE", path)).status).toBe(204);
  expect(await codeOf(await second.send("DELETE", path))).toEqual([404, "SECRET_UNKNOWN"]);
});

async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("there is no port");
  return address.port;
}
