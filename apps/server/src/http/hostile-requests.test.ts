import { systemPrincipal } from "@waybill/access";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestServer, testServer, type TestServer } from "../testing/test-server.ts";

const TIMEOUT_MS = 1_000;

let root: string;
let server: TestServer;

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-hostile-")));
  const flags = { "file-repositories": join(root, "repositories") };
  server = await openTestServer(join(root, "data"), flags, {}, { requestTimeoutMs: TIMEOUT_MS });
});

afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

interface Exchange {
  readonly text: string;
  /** Of the answers, in their order. */
  readonly statuses: readonly number[];
  readonly ms: number;
}

/** Writes pieces, each `gapMs` after the other, and reads until the server ends the connection. */
async function exchange(pieces: Iterable<string | Buffer>, gapMs = 0): Promise<Exchange> {
  const { hostname, port } = new URL(server.url);
  const startedAt = performance.now();
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  let isOver = false;
  const ended = new Promise<void>((resolve) => {
    socket.on("data", (chunk) => chunks.push(chunk));
    // Who still writes when the other end is closed is told so.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      isOver = true;
      resolve();
    });
  });
  for (const piece of pieces) {
    if (isOver) break;
    if (!socket.write(piece)) await Promise.race([new Promise((done) => socket.once("drain", done)), ended]);
    if (gapMs > 0) await Promise.race([setTimeout(gapMs), ended]);
  }
  await ended;
  const text = Buffer.concat(chunks).toString("latin1");
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
  return { text, statuses, ms: performance.now() - startedAt };
}

function head(lines: readonly string[], method = "POST", path = "/v1/projects"): string {
  const authorization = `authorization: Bearer ${server.token}`;
  return [`${method} ${path} HTTP/1.1`, "host: waybill", authorization, ...lines, "", ""].join("\r\n");
}

/** What an attacker hides behind a request: answered, it would be a second one. */
const HIDDEN = "GET /health HTTP/1.1\r\nhost: waybill\r\nconnection: close\r\n\r\n";

describe("a request whose end two servers could see at two places", () => {
  test.each([
    ["two ways to say how long it is", ["content-length: 4", "transfer-encoding: chunked"], "0\r\n\r\n"],
    ["two lengths", ["content-length: 4", "content-length: 0"], ""],
    ["a length that is no number", ["content-length: 4, 0"], ""],
    ["a length with a sign", ["content-length: +4"], ""],
    ["an unknown coding behind the known one", ["transfer-encoding: chunked, identity"], "0\r\n\r\n"],
    ["a coding that is written so that some overlook it", ["transfer-encoding : chunked"], "0\r\n\r\n"],
    ["a folded header", ["x-folded: a", " b", "content-length: 0"], ""],
    ["a line that ends without CR", ["x-a: b\ntransfer-encoding: chunked", "content-length: 0"], "0\r\n\r\n"],
    ["a NUL in a header", ["x-a: b\0c", "content-length: 0"], ""],
    [
      "a size of a chunk that is none",
      ["transfer-encoding: chunked", "content-type: application/json"],
      "zz\r\n{}\r\n0\r\n\r\n",
    ],
    [
      "a chunk longer than it says",
      ["transfer-encoding: chunked", "content-type: application/json"],
      "1\r\n{}\r\n0\r\n\r\n",
    ],
  ])("is refused, and the connection with it: %s", async (_, lines, body) => {
    const { statuses, text } = await exchange([head(lines) + body + HIDDEN]);
    expect([statuses, text]).toEqual([[400], expect.stringMatching(/^connection: close\r$/im)]);
    expect(text).not.toContain('{"status":"ok"}');
  });

  test("is told from one request behind the other", async () => {
    const { statuses } = await exchange([HIDDEN.replace("connection: close\r\n", "") + HIDDEN]);
    expect(statuses).toEqual([200, 200]);
  });
});

describe("what is too large", () => {
  test("a body that says so is not waited for", async () => {
    const lines = ["content-type: application/json", "content-length: 5000000", "connection: close"];
    const { statuses, text } = await exchange([head(lines)]);
    expect(statuses).toEqual([413]);
    expect(text).toContain("API_BODY_TOO_LARGE");
  });

  test("a body without end is read as far as it may be long", async () => {
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    let sent = 0;
    function* endless(): Generator<string> {
      yield head(["content-type: application/json", "transfer-encoding: chunked", "connection: close"]);
      for (; sent < 2000; sent += 1) yield chunk;
    }
    const { statuses } = await exchange(endless());
    expect(statuses).toEqual([413]);
    expect(sent).toBeLessThan(500);
  });

  test("whoever may not is told so before their body is read", async () => {
    const lines = ["content-type: application/json", "content-length: 1000", "connection: close"];
    const { statuses, ms } = await exchange([head(lines).replace(server.token, "wbm_none")]);
    expect([statuses, ms < TIMEOUT_MS]).toEqual([[401], true]);
  });

  test("headers", async () => {
    const { statuses, text } = await exchange([head([`x-a: ${"x".repeat(100_000)}`])]);
    expect(statuses).toEqual([431]);
    expect(text).toContain("API_HEADERS_TOO_LARGE");
  });
});

describe("what is too slow", () => {
  test("headers that never end", async () => {
    function* dripping(): Generator<string> {
      yield "GET /health HTTP/1.1\r\nhost: waybill\r\n";
      for (;;) yield "x-a: b\r\n";
    }
    const { statuses, ms } = await exchange(dripping(), 50);
    expect(statuses).toEqual([408]);
    expect(ms).toBeLessThan(3 * TIMEOUT_MS);
  });

  test("a body that comes byte by byte", async () => {
    function* dripping(): Generator<string> {
      yield head(["content-type: application/json", "content-length: 100000"]);
      for (;;) yield "x";
    }
    const { statuses, text, ms } = await exchange(dripping(), 50);
    expect(statuses).toEqual([408]);
    expect(text).toContain("API_REQUEST_TIMED_OUT");
    expect(ms).toBeLessThan(3 * TIMEOUT_MS);
  });

  test("a hundred of them hold nobody else up", async () => {
    const slow = Array.from({ length: 100 }, () => exchange(["GET / HTTP/1.1\r\nhost: w\r\n"]));
    const startedAt = performance.now();
    expect((await server.get("/health")).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS);
    for (const { statuses } of await Promise.all(slow)) expect(statuses).toEqual([408]);
  });
});

describe("paths and ids that lead elsewhere", () => {
  test.each([
    "/v1/artifacts/..%2f..%2f..%2fetc%2fpasswd/download",
    "/v1/artifacts/%2e%2e/download",
    "/v1/jobs/..%5c..%5cx/logs",
    "/v1/jobs/%00/logs",
    "/v1/pipeline-runs/%c0%af",
    "/v1/pipeline-runs/;/../..",
    "/../../etc/passwd",
    "//etc/passwd",
    "/v1/projects/00000000-0000-4000-8000-000000000000%0d%0ax:%20y",
    `/v1/projects/${"x".repeat(5000)}`,
    "http://169.254.169.254/latest/meta-data",
    "*",
  ])("%s", async (path) => {
    const { statuses, text } = await exchange([head(["connection: close"], "GET", path)]);
    expect(statuses).toHaveLength(1);
    expect(statuses[0]).toBeGreaterThanOrEqual(400);
    expect(statuses[0]).toBeLessThan(500);
    expect(text).toContain('"code":"API_');
    expect(text).not.toMatch(/root:|node_modules/);
  });

  test.each([
    "file:///etc",
    "http://169.254.169.254/x.git",
    "https://169.254.169.254/x.git",
    "https://[fe80::1]/x.git",
    "ext::sh -c touch% /tmp/x",
    "--upload-pack=touch /tmp/x",
    "https://user:password@git.example.com/x.git",
  ])("a repository at %s", async (url) => {
    const name = Buffer.from(url).toString("hex").slice(0, 60);
    const project = (await (await server.post("/v1/projects", { name })).json()) as { readonly id: string };
    const body = { project_id: project.id, name: "build", repository_url: url };
    const response = await server.post("/v1/pipelines", body);
    const text = await response.text();
    expect([response.status, text]).toEqual([400, expect.stringContaining("GIT_ADDRESS_INVALID")]);
    expect(text).not.toContain("password@");
  });
});

test("nobody says where they come from but a proxy that is trusted", async () => {
  const forwarded = { "x-forwarded-for": "192.0.2.77, 127.0.0.1" };
  const addresses: string[] = [];
  for (const [index, proxies] of ["", "127.0.0.1"].entries()) {
    const other = await testServer(
      join(root, `proxied-${index}`),
      proxies === "" ? {} : { "trusted-proxies": proxies },
    );
    const { users, signIn } = other.services.access;
    const { id } = await users.create(systemPrincipal("test"), { name: "ann" });
    const { token } = await signIn.issueLink(systemPrincipal("test"), "ann");
    await other.as(forwarded).post("/v1/sign-in/link", { token });
    addresses.push(...(await other.services.access.sessions.ofUser(id)).map(({ address }) => address));
  }
  expect(addresses).toEqual(["127.0.0.1", "192.0.2.77"]);
});

test("every answer says what browsers must not do with it", async () => {
  const answers = [
    await server.get("/health"),
    await server.get("/v1/nothing"),
    await server.get("/v1/pipelines/%ff"),
    await server.as({}).get("/v1/me"),
    await server.get("/openapi.json"),
  ];
  for (const { headers, status, url } of answers) {
    expect([url, status, headers.get("content-security-policy")]).toEqual([
      url,
      status,
      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ]);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("strict-transport-security")).toBeNull();
    expect(headers.get("access-control-allow-origin")).toBeNull();
  }
});
