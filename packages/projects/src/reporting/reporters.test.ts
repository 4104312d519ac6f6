import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { systemClock, type Clock } from "@waybill/core";
import { constantRandom, ManualClock } from "@waybill/core/testing";
import { afterEach, describe, expect, test } from "vitest";
import { GithubAppAuthentication, tokenAuthentication } from "./github/authentication.ts";
import { GithubReporter } from "./github/github-reporter.ts";
import { GitlabReporter } from "./gitlab/gitlab-reporter.ts";
import { ForgeClient, isWorthAnotherTry } from "./http/forge-client.ts";
import { COMMIT_STATES, type OutboxEntry, type StatusOutbox, type StatusReport } from "./outbox.ts";
import { reportDue } from "./report-due.ts";
import type { StatusReporter } from "./reporter.ts";
import {
  fakeForge,
  requireFields,
  requireOneOf,
  requireText,
  type Answer,
  type FakeForge,
  type Received,
} from "./testing/fake-forge.ts";

const SHA = "a".repeat(40);
const NOW = Date.parse("2026-11-20T12:00:00Z");
const TOKEN = "ghp_secretsecretsecret";

const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

const forges: FakeForge[] = [];
afterEach(async () => {
  for (const forge of forges.splice(0)) await forge.close();
});

async function start(answer: (request: Received) => Answer): Promise<FakeForge> {
  const forge = await fakeForge(answer);
  forges.push(forge);
  return forge;
}

/** A clock whose day is fixed and whose timers are real: requests go through a real network. */
function clockAt(now = NOW): Clock & { now: () => number; set(time: number): void } {
  let time = now;
  return { ...systemClock, now: () => time, set: (to) => void (time = to) };
}

function report(fields: Partial<StatusReport> = {}): StatusReport {
  return {
    forge: "forge",
    repository: "acme/shop",
    sha: SHA,
    context: "waybill/webshop",
    state: "running",
    description: "2 of 5 jobs",
    url: "https://ci.test/runs/1",
    ref: "main",
    startedAt: NOW,
    finishedAt: null,
    ...fields,
  };
}

/** GitHub's REST API, as far as statuses, check runs and apps go. */
function github(clock: { now(): number }) {
  const checkRuns = new Map<number, Record<string, unknown>>();
  const statuses: Record<string, unknown>[] = [];
  const issued: string[] = [];
  const valid = new Set<string>([TOKEN]);
  function answer({ method, path, headers, body }: Received): Answer {
    if (headers.accept !== "application/vnd.github+json") throw new Error("accept is missing");
    if (headers["x-github-api-version"] !== "2022-11-28") throw new Error("no version");
    if ((headers["user-agent"] ?? "") === "") throw new Error("no user agent");
    const bearer = headers.authorization?.replace(/^Bearer /, "") ?? "";
    if (path === "/api/repos/acme/shop/installation" && method === "GET") {
      checkProof(bearer, clock.now());
      return { status: 200, body: { id: 77 } };
    }
    if (path === "/api/app/installations/77/access_tokens" && method === "POST") {
      checkProof(bearer, clock.now());
      const { permissions } = requireFields(body, [], ["permissions", "repositories"]);
      requireFields(permissions, ["statuses", "checks"], []);
      const token = `ghs_${issued.length}`;
      issued.push(token);
      valid.add(token);
      return { status: 201, body: { token, expires_at: new Date(clock.now() + 3_600_000).toISOString() } };
    }
    if (!valid.has(bearer)) return { status: 401, body: { message: "Bad credentials" } };
    if (path === `/api/repos/acme/shop/statuses/${SHA}` && method === "POST") {
      const fields = requireFields(body, ["state"], ["target_url", "description", "context"]);
      requireOneOf(fields["state"], ["error", "failure", "pending", "success"]);
      requireText(fields["description"], 140);
      statuses.push(fields);
      return { status: 201, body: { id: statuses.length } };
    }
    const checkFields = ["details_url", "started_at", "status", "conclusion", "completed_at", "output"];
    const known = /^\/api\/repos\/acme\/shop\/check-runs(?:\/(\d+))?$/.exec(path);
    if (known === null) throw new Error("no such path");
    const id = known[1] === undefined ? 1000 + checkRuns.size : Number(known[1]);
    const isNew = method === "POST" && known[1] === undefined;
    if (!isNew && (method !== "PATCH" || !checkRuns.has(id))) throw new Error("no such check run");
    const fields = requireFields(body, isNew ? ["name", "head_sha"] : [], ["name", ...checkFields]);
    requireOneOf(fields["status"], ["queued", "in_progress", "completed"]);
    if (fields["status"] === "completed")
      requireOneOf(fields["conclusion"], ["success", "failure", "cancelled", "skipped"]);
    else if (fields["conclusion"] !== undefined) throw new Error("a conclusion too early");
    const output = requireFields(fields["output"], ["title", "summary"], ["text"]);
    requireText(output["summary"], 65_535);
    checkRuns.set(id, { ...checkRuns.get(id), ...fields });
    return { status: isNew ? 201 : 200, body: { id } };
  }
  return { answer, checkRuns, statuses, issued, valid };
}

function checkProof(jwt: string, now: number): void {
  const [head = "", claims = "", signature = ""] = jwt.split(".");
  const isSigned = verify(
    "sha256",
    Buffer.from(`${head}.${claims}`),
    createPublicKey(publicKey),
    Buffer.from(signature, "base64url"),
  );
  if (!isSigned) throw new Error("the proof is not signed with the app's key");
  const { alg } = JSON.parse(Buffer.from(head, "base64url").toString()) as { alg: string };
  const { iat, exp, iss } = JSON.parse(Buffer.from(claims, "base64url").toString()) as Record<string, number | string>;
  if (alg !== "RS256" || iss !== "Iv1.app") throw new Error("the proof is another one's");
  if (Number(iat) > now / 1000 || Number(exp) > now / 1000 + 600 || Number(exp) < now / 1000) throw new Error("times");
}

describe("GitHub", () => {
  async function open(uses: "statuses" | "check_runs", asApp = false) {
    const clock = clockAt();
    const api = github(clock);
    const forge = await start(api.answer);
    const client = new ForgeClient({ baseUrl: `${forge.url}/api/`, clock });
    const authentication = asApp
      ? new GithubAppAuthentication(client, clock, { appId: "Iv1.app", privateKey, installationId: null })
      : tokenAuthentication(TOKEN);
    return { clock, api, forge, reporter: new GithubReporter({ forge: "forge", client, authentication, uses }) };
  }

  test("takes a status for every state, and long descriptions cut", async () => {
    const { api, forge, reporter } = await open("statuses");
    for (const state of COMMIT_STATES) {
      expect(await reporter.report(report({ state, description: "🚚 ".repeat(200) }), null)).toBeNull();
    }
    expect(forge.complaints).toEqual([]);
    expect(api.statuses.map(({ state }) => state)).toEqual([
      ...["pending", "pending", "success", "failure", "error", "error", "success"],
    ]);
    expect(api.statuses[0]).toMatchObject({ context: "waybill/webshop", target_url: "https://ci.test/runs/1" });
  });

  test("has one check run, made once and then changed", async () => {
    const { api, forge, reporter } = await open("check_runs", true);
    const id = await reporter.report(report({ state: "pending", startedAt: null }), null);
    expect(await reporter.report(report(), id)).toBe(id);
    expect(await reporter.report(report({ state: "cancelled", finishedAt: NOW + 1000 }), id)).toBe(id);
    expect(forge.complaints).toEqual([]);
    expect([...api.checkRuns.values()]).toMatchObject([
      {
        head_sha: SHA,
        status: "completed",
        conclusion: "cancelled",
        started_at: "2026-11-20T12:00:00.000Z",
        completed_at: "2026-11-20T12:00:01.000Z",
      },
    ]);
  });

  test("gives an app a token for an hour, renewed a minute before its end", async () => {
    const { api, clock, forge, reporter } = await open("statuses", true);
    await Promise.all([reporter.report(report(), null), reporter.report(report(), null)]);
    clock.set(NOW + 3_539_000);
    await reporter.report(report(), null);
    expect(api.issued).toHaveLength(1);
    clock.set(NOW + 3_540_000);
    await reporter.report(report(), null);
    expect(api.issued).toHaveLength(2);
    expect(forge.received.filter(({ path }) => path.endsWith("/installation")).length).toBeLessThanOrEqual(2);
    expect(forge.complaints).toEqual([]);
  });

  test("gives an app another token where one was taken back", async () => {
    const { api, reporter } = await open("statuses", true);
    await reporter.report(report(), null);
    api.valid.delete("ghs_0");
    await reporter.report(report(), null);
    expect(api.statuses).toHaveLength(2);
  });

  test("refuses for good what it refuses, and no token is in the error", async () => {
    const { api, reporter } = await open("statuses");
    api.valid.clear();
    const error: unknown = await reporter.report(report(), null).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "FORGE_REFUSED" });
    expect(isWorthAnotherTry(error)).toBe(false);
    expect(JSON.stringify(error) + String(error)).not.toContain(TOKEN);
  });

  test("is not asked for names that lead elsewhere", async () => {
    const { forge, reporter } = await open("statuses");
    for (const repository of ["../..", "acme", "acme/shop/more", "acme/..", "/"]) {
      await expect(reporter.report(report({ repository }), null)).rejects.toMatchObject({
        code: "FORGE_SETTINGS_INVALID",
      });
    }
    expect(forge.received).toEqual([]);
    await reporter.report(report({ repository: "acme/shop?x=1#y" }), null).catch(() => undefined);
    expect(forge.received[0]?.path).toBe(`/api/repos/acme/shop%3Fx%3D1%23y/statuses/${SHA}`);
  });

  test("keys and tokens that are none are noticed at once, and not repeated", () => {
    const client = new ForgeClient({ baseUrl: "https://api.test", clock: systemClock });
    const app = { appId: "1", privateKey: "-----BEGIN nonsense", installationId: null };
    expect(() => new GithubAppAuthentication(client, systemClock, app)).toThrow(/private key cannot be read/);
    expect(() => tokenAuthentication("two\nlines")).toThrow(
      expect.objectContaining({ code: "FORGE_SETTINGS_INVALID" }),
    );
  });
});

describe("GitLab", () => {
  test("takes a status for every state, of projects in groups", async () => {
    const states: unknown[] = [];
    const forge = await start(({ method, path, headers, body }) => {
      if (method !== "POST" || path !== `/api/v4/projects/acme%2Fweb%2Fshop/statuses/${SHA}`)
        throw new Error("no such path");
      if (headers["private-token"] !== TOKEN) return { status: 401, body: { message: "401 Unauthorized" } };
      const optional = ["ref", "name", "context", "target_url", "description", "coverage", "pipeline_id"];
      const fields = requireFields(body, ["state"], optional);
      requireOneOf(fields["state"], ["pending", "running", "success", "failed", "canceled", "skipped"]);
      requireText(fields["description"], 255);
      states.push(fields["state"]);
      return { status: 201, body: { id: 1 } };
    });
    const client = new ForgeClient({ baseUrl: forge.url, clock: clockAt() });
    const reporter: StatusReporter = new GitlabReporter({ forge: "forge", client, token: TOKEN });
    for (const state of COMMIT_STATES) {
      await reporter.report(report({ state, repository: "acme/web/shop", description: "x".repeat(999) }), null);
    }
    expect(forge.complaints).toEqual([]);
    expect(states).toEqual(["pending", "running", "success", "failed", "failed", "canceled", "skipped"]);
  });

  test("says no to a state that it has already, which is as good as yes; to any other no is no", async () => {
    const forge = await start(() => ({ status: 500 }));
    const client = new ForgeClient({ baseUrl: forge.url, clock: clockAt() });
    const reporter: StatusReporter = new GitlabReporter({ forge: "forge", client, token: TOKEN });
    const refusal = (via: string, from: string) => ({
      status: 400,
      body: { message: `Cannot transition status via :${via} from :${from} (Reason(s): Status cannot transition)` },
    });
    forge.answers.push(refusal("run", "running"), refusal("run", "success"), { status: 404, body: { message: "404" } });
    await expect(reporter.report(report(), null)).resolves.toBeNull();
    await expect(reporter.report(report(), null)).rejects.toMatchObject({ code: "FORGE_REFUSED" });
    await expect(reporter.report(report(), null)).rejects.toMatchObject({ code: "FORGE_REFUSED" });
  });
});

describe("a forge", () => {
  const request = { method: "GET", path: ["x"], headers: { authorization: `Bearer ${TOKEN}` } } as const;

  async function client(answers: readonly Answer[], timeoutMs = 5_000) {
    const clock = clockAt();
    const forge = await start(() => ({ status: 200, body: { ok: true } }));
    forge.answers.push(...answers);
    return { clock, forge, client: new ForgeClient({ baseUrl: forge.url, clock, timeoutMs }) };
  }

  test.each<[string, Answer, number]>([
    ["429 with seconds", { status: 429, headers: { "retry-after": "30" } }, 30],
    ["429 with a date", { status: 429, headers: { "retry-after": "Fri, 20 Nov 2026 12:00:45 GMT" } }, 45],
    ["429 with nothing", { status: 429 }, 60],
    [
      "403 of a limit used up",
      { status: 403, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW / 1000 + 90) } },
      90,
    ],
    ["403 of a secondary limit", { status: 403, body: { message: "You have exceeded a secondary rate limit." } }, 60],
    ["429 for a year", { status: 429, headers: { "retry-after": "31536000" } }, 3600],
    ["429 for no time", { status: 429, headers: { "retry-after": "0" } }, 1],
  ])("that answers %s is left alone as long", async (_, answer, seconds) => {
    const { clock, forge, client: made } = await client([answer]);
    const limited = { code: "FORGE_LIMITED" };
    await expect(made.send(request)).rejects.toMatchObject(limited);
    clock.set(NOW + seconds * 1000 - 1);
    await expect(made.send(request)).rejects.toMatchObject(limited);
    expect(forge.received).toHaveLength(1);
    clock.set(NOW + seconds * 1000);
    await expect(made.send(request)).resolves.toEqual({ status: 200, body: { ok: true } });
  });

  test("that refuses with 403 for another reason is not left alone", async () => {
    const { client: made } = await client([{ status: 403, body: { message: "Resource not accessible" } }]);
    await expect(made.send(request)).rejects.toMatchObject({ code: "FORGE_REFUSED" });
    await expect(made.send(request)).resolves.toMatchObject({ status: 200 });
  });

  test("that redirects is not followed, wherever it leads", async () => {
    const elsewhere = await start(() => ({ status: 200 }));
    for (const status of [301, 302, 307, 308]) {
      const { client: made } = await client([{ status, headers: { location: `${elsewhere.url}/x` } }]);
      await expect(made.send(request)).rejects.toMatchObject({ code: "FORGE_REDIRECTED" });
    }
    expect(elsewhere.received).toEqual([]);
  });

  test("that does not answer in time is given up", async () => {
    const { client: made } = await client([{ status: 200, hangs: true }], 50);
    await expect(made.send(request)).rejects.toMatchObject({
      code: "FORGE_UNREACHABLE",
      message: /no answer within 0.05 s/,
    });
  });

  test("that is down is left alone after five failures in a row, for a minute", async () => {
    const { clock, forge, client: made } = await client(Array.from({ length: 5 }, () => ({ status: 502 })));
    for (let failure = 0; failure < 5; failure += 1) {
      await expect(made.send(request)).rejects.toMatchObject({ code: "FORGE_UNAVAILABLE" });
    }
    await expect(made.send(request)).rejects.toMatchObject({ code: "CIRCUIT_OPEN" });
    expect(forge.received).toHaveLength(5);
    clock.set(NOW + 60_001);
    await expect(made.send(request)).resolves.toMatchObject({ status: 200 });
  });

  test("that answers with a flood, or no JSON, does no harm", async () => {
    const { client: made } = await client([
      { status: 200, body: "x".repeat(3_000_000) },
      { status: 200, body: "<html>" },
    ]);
    await expect(made.send(request)).resolves.toEqual({ status: 200, body: null });
    await expect(made.send(request)).resolves.toEqual({ status: 200, body: null });
  });

  test("that nobody listens at is unreachable", async () => {
    const { forge, client: made } = await client([]);
    await forge.close();
    await expect(made.send(request)).rejects.toMatchObject({ code: "FORGE_UNREACHABLE", message: /ECONNREFUSED/ });
  });

  test.each([
    "",
    "api.test",
    "ftp://api.test",
    "https://user:pw@api.test",
    "https://api.test/?a=b",
    "file:///etc/passwd",
  ])("cannot have the address %j", (baseUrl) => {
    expect(() => new ForgeClient({ baseUrl, clock: systemClock })).toThrow(
      expect.objectContaining({ code: "FORGE_SETTINGS_INVALID" }),
    );
  });
});

describe("what is due", () => {
  /** An outbox in memory with the rules of the real one, whose own tests are beside it. */
  class Outbox implements StatusOutbox {
    readonly entries: OutboxEntry[];
    readonly log: string[] = [];

    constructor(...entries: OutboxEntry[]) {
      this.entries = entries;
    }

    put = (_report: StatusReport) => Promise.resolve(false);
    take = () => Promise.resolve(this.entries.shift() ?? null);
    nextAttemptAt = () => Promise.resolve(null);
    forget = () => Promise.resolve();

    told({ id }: OutboxEntry, remoteId: string | null): Promise<void> {
      this.log.push(`${id} told ${remoteId ?? "-"}`);
      return Promise.resolve();
    }

    retry({ id }: OutboxEntry, at: number): Promise<void> {
      this.log.push(`${id} again in ${(at - NOW) / 1000} s`);
      return Promise.resolve();
    }

    giveUp({ id }: OutboxEntry, problem: string): Promise<void> {
      this.log.push(`${id} given up: ${problem}`);
      return Promise.resolve();
    }
  }

  function entry(id: string, fields: Partial<OutboxEntry> = {}): OutboxEntry {
    const version = { runNumber: 1, seq: 1 };
    return { id, report: report(), version, attempts: 0, remoteId: null, updatedAt: NOW, ...fields };
  }

  async function reported(reporter: Partial<StatusReporter>, ...entries: OutboxEntry[]): Promise<string[]> {
    const outbox = new Outbox(...entries);
    const complete: StatusReporter = { forge: "forge", restUntil: 0, report: () => Promise.resolve("7"), ...reporter };
    const clock = new ManualClock(NOW);
    await reportDue({ outbox, reporters: [complete], clock, random: constantRandom(0.5) });
    return outbox.log;
  }

  test("is told, all of it", async () => {
    expect(await reported({}, entry("a"), entry("b"))).toEqual(["a told 7", "b told 7"]);
  });

  test("is tried again later and later, and as late as the forge asks", async () => {
    const forge = await start(() => ({ status: 503 }));
    const client = new ForgeClient({ baseUrl: forge.url, clock: clockAt() });
    const fails = () => client.send({ method: "GET", path: ["x"], headers: {} }).then(() => null);
    const entries = [0, 1, 2, 30].map((attempts) => entry(String(attempts), { attempts }));
    expect(await reported({ report: fails }, ...entries)).toEqual([
      "0 again in 5 s",
      "1 again in 10 s",
      "2 again in 20 s",
      "30 again in 600 s",
    ]);
    expect(await reported({ report: fails, restUntil: NOW + 90_000 }, entry("a"))).toEqual(["a again in 92.5 s"]);
  });

  test("is given up where the forge refuses it, is gone, or did not answer for a day", async () => {
    const forge = await start(() => ({ status: 404, body: { message: "Not Found" } }));
    const client = new ForgeClient({ baseUrl: forge.url, clock: clockAt() });
    const fails = () => client.send({ method: "GET", path: ["x"], headers: {} }).then(() => null);
    expect(await reported({ report: fails }, entry("a"))).toEqual([
      expect.stringMatching(/^a given up: .*404: Not Found/),
    ]);
    const gone = entry("b", { report: report({ forge: "another" }) });
    expect(await reported({}, gone)).toEqual([expect.stringMatching(/^b given up: .*not configured/)]);
    await forge.close();
    const old = entry("c", { updatedAt: NOW - 25 * 3_600_000 });
    expect(await reported({ report: fails }, old)).toEqual([expect.stringMatching(/^c given up: /)]);
  });
});
