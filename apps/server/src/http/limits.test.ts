import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { testServer, type TestServer } from "../testing/test-server.ts";

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-limits-")));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

async function codeOf(response: Response): Promise<Json> {
  const { code }: Json = await response.json();
  return [response.status, code];
}

describe("too many requests", () => {
  test("are refused by caller, and those of nobody by address; health is always told", async () => {
    const server = await testServer(join(root, "data"), { "rate-limit": "5" });
    const first = await server.get("/v1/projects");
    expect([first.status, first.headers.get("ratelimit-limit"), first.headers.get("ratelimit-remaining")]).toEqual([
      200,
      "5",
      "4",
    ]);
    for (let n = 0; n < 4; n += 1) await server.get("/v1/projects");
    const refused = await server.get("/v1/projects");
    const retry = Number(refused.headers.get("retry-after"));
    expect(retry).toBeGreaterThan(0);
    expect(retry).toBeLessThanOrEqual(12);
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(await codeOf(refused)).toEqual([429, "API_RATE_LIMITED"]);
    // Whoever guesses tokens does not get a bucket for each.
    const guess = (n: number): Promise<Response> => server.as({ authorization: `Bearer wbm_${n}` }).get("/v1/projects");
    const statuses: number[] = [];
    for (let n = 0; n < 7; n += 1) statuses.push((await guess(n)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    for (let n = 0; n < 10; n += 1) expect((await server.get("/health")).status).toBe(200);
  });
});

describe("a request that is sent again with its key", () => {
  let server: TestServer;
  const key = "8e03978e-40d5-43dd-bc93-6894a57f9324";

  async function create(name: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    return await server.send("POST", "/v1/projects", { name }, headers);
  }

  beforeEach(async () => {
    server = await testServer(join(root, "data"));
  });

  test("is carried out once and answered alike, also after a restart", async () => {
    const first = await create("shop", { "idempotency-key": key });
    const body: Json = await first.json();
    expect([first.status, first.headers.get("idempotency-replayed")]).toEqual([201, null]);
    const again = await create("shop", { "idempotency-key": `"${key}"` });
    expect([again.status, again.headers.get("location")]).toEqual([201, first.headers.get("location")]);
    expect([await again.json(), again.headers.get("idempotency-replayed")]).toEqual([body, "true"]);
    expect(await codeOf(await create("other", { "idempotency-key": key }))).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
    const { token } = server;
    await server.close();
    server = await testServer(join(root, "data"));
    const later = await create("shop", { "idempotency-key": key, authorization: `Bearer ${token}` });
    expect([later.status, await later.json()]).toEqual([201, body]);
    // Another token is another caller, whose keys are its own.
    expect(await codeOf(await create("shop", { "idempotency-key": key }))).toEqual([409, "PROJECT_NAME_TAKEN"]);
  });

  test("is carried out once when it comes many times at once", async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => create("shop", { "idempotency-key": key })));
    const statuses = answers.map(({ status }) => status);
    expect(statuses).toContain(201);
    expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([]);
    const page: Json = await (await server.get("/v1/projects")).json();
    expect(page.items).toHaveLength(1);
  });

  test("may be tried again where it failed, and needs a proper key", async () => {
    await create("shop", {});
    expect(await codeOf(await create("shop", { "idempotency-key": key }))).toEqual([409, "PROJECT_NAME_TAKEN"]);
    expect((await create("other", { "idempotency-key": key })).status).toBe(201);
    for (const wrong of ["", " ", "x".repeat(201), "a b"]) {
      expect(await codeOf(await create("third", { "idempotency-key": wrong }))).toEqual([
        400,
        "IDEMPOTENCY_KEY_INVALID",
      ]);
    }
  });
});
