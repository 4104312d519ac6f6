import { systemPrincipal } from "@waybill/access";
import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import {
  readEventStream,
  testRepository,
  testServer,
  type TestRepository,
  type TestServer,
} from "../testing/test-server.ts";
import {
  FORGE_ADDRESS,
  genericWebhook,
  giteaWebhook,
  githubWebhook,
  gitlabWebhook,
  sendWebhook,
} from "../testing/webhooks.ts";

const QUICK = `jobs:\n  a: { steps: [{ name: s, script: ["true"] }] }\n`;
const NONE = "0".repeat(40);

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

let root: string;
let repository: TestRepository;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-webhooks-")));
  repository = testRepository(root);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

async function json(response: Response): Promise<Json> {
  return await response.json();
}

async function createPipeline(server: TestServer, name = "build", configPath = "waybill.yaml"): Promise<string> {
  const { items } = await json(await server.get("/v1/projects"));
  const project = items[0] ?? (await json(await server.post("/v1/projects", { name: "shop" })));
  const response = await server.post("/v1/pipelines", {
    project_id: project.id,
    name,
    repository_url: repository.url,
    config_path: configPath,
  });
  expect(response.status).toBe(201);
  return (await json(response)).id;
}

async function secretFor(server: TestServer, pipeline: string, source: string, fields: object = {}): Promise<Json> {
  const response = await server.post(`/v1/pipelines/${pipeline}/webhook-secrets`, {
    source,
    address: FORGE_ADDRESS,
    ...fields,
  });
  expect(response.status).toBe(201);
  return await json(response);
}

/** The newest delivery, once all is done with it. */
async function settled(server: TestServer): Promise<Json> {
  return await vi.waitFor(
    async () => {
      const { items } = await json(await server.get("/v1/webhook-deliveries?limit=1"));
      expect(items[0]?.settled_at ?? null).not.toBeNull();
      return items[0];
    },
    { timeout: 10_000, interval: 20 },
  );
}

async function runOf(server: TestServer, id: string): Promise<Json> {
  await readEventStream(await server.get(`/v1/pipeline-runs/${id}/events`));
  return await json(await server.get(`/v1/pipeline-runs/${id}`));
}

function push(sha: string, before = NONE, branch = "main"): object {
  return { ref: `refs/heads/${branch}`, before, after: sha, head_commit: { id: sha } };
}

describeWith("git", "webhooks", () => {
  test("a push to GitHub starts what it is to start, and says why the rest is not started", async () => {
    const server = await testServer(join(root, "data"));
    const build = await createPipeline(server);
    await createPipeline(server, "docs", "docs.yaml");
    await createPipeline(server, "release", "release.yaml");
    const first = repository.push({
      "waybill.yaml": `name: build\n${QUICK}`,
      "docs.yaml": `name: docs\ntriggers: [{ event: push, paths: "docs/**" }]\n${QUICK}`,
      "release.yaml": `name: release\ntriggers: [{ event: tag, tags: "v*" }]\n${QUICK}`,
    });
    const second = repository.push({ "src/a": "1" });
    const { secret, webhook_path } = await secretFor(server, build, "github");
    const sent = githubWebhook(secret, "push", push(second, first));
    const answer = await sendWebhook(server.url, { ...sent, path: webhook_path });
    expect([answer.status, (await json(answer)).outcome]).toEqual([202, "accepted"]);
    const delivery = await settled(server);
    expect(delivery).toMatchObject({
      source: "github",
      outcome: "started",
      delivery_id: sent.headers["x-github-delivery"],
      decisions: [
        { pipeline: "build", outcome: "started", run_number: 1, ref: "refs/heads/main" },
        {
          pipeline: "docs",
          outcome: "skipped",
          reason: expect.stringContaining("none of the 1 changed path is among"),
          run_id: null,
        },
        { pipeline: "release", outcome: "skipped", reason: expect.stringContaining("it is for tag") },
      ],
    });
    expect(await runOf(server, delivery.decisions[0].run_id)).toMatchObject({
      status: "success",
      trigger: "push",
      git_ref: "refs/heads/main",
      git_sha: second,
      trigger_event: {
        kind: "push",
        source: "github",
        actor: "mona",
        before: first,
        reason: 'the push to "main" fits what holds without triggers',
      },
    });
    // Once more, as GitHub's "Redeliver" does.
    const again = await sendWebhook(server.url, sent);
    expect([again.status, (await json(again)).outcome]).toEqual([200, "repeated"]);
    expect((await json(await server.get("/v1/pipeline-runs"))).items).toHaveLength(1);
    expect((await json(await server.get("/v1/webhook-deliveries"))).items).toHaveLength(1);
    const ping = await sendWebhook(server.url, githubWebhook(secret, "ping", { zen: "x" }));
    expect([ping.status, await json(ping)]).toEqual([200, expect.objectContaining({ outcome: "ignored" })]);
    expect(server.logged.join("")).not.toContain(secret);
  });

  test("a tag of GitLab, with a message of its own, starts what is for tags", async () => {
    const server = await testServer(join(root, "data"));
    const pipeline = await createPipeline(server);
    const sha = repository.push({ "waybill.yaml": `name: release\ntriggers: [{ event: tag, tags: "v*" }]\n${QUICK}` });
    repository.git("tag", "-a", "v1.0", "-m", "v1.0");
    repository.git("push", "-q", "origin", "v1.0");
    const object = repository.git("rev-parse", "v1.0");
    expect(object).not.toBe(sha);
    const { secret } = await secretFor(server, pipeline, "gitlab");
    const tag = { object_kind: "tag_push", ref: "refs/tags/v1.0", before: NONE, after: object, checkout_sha: null };
    expect((await sendWebhook(server.url, gitlabWebhook(secret, tag))).status).toBe(202);
    const { decisions } = await settled(server);
    expect(await runOf(server, decisions[0].run_id)).toMatchObject({
      status: "success",
      git_ref: "refs/tags/v1.0",
      git_sha: sha,
      trigger: "tag",
    });
  });

  test("a pull request of Gitea from a fork waits for somebody's approval of its commit", async () => {
    const server = await testServer(join(root, "data"));
    const pipeline = await createPipeline(server);
    const value = "token-of-the-project";
    const base = repository.push({
      "waybill.yaml": `
name: build
jobs:
  a: { steps: [{ name: s, environment: { T: "\${{ secrets.TOKEN }}" }, script: ['test "$T" = ${value}'] }] }
`,
    });
    const { items: projects } = await json(await server.get("/v1/projects"));
    const set = await server.send("PUT", `/v1/projects/${projects[0].id}/secrets/TOKEN`, { value });
    expect(set.status).toBeLessThan(300);
    // As forges keep them: the commit is not on any branch.
    repository.git("checkout", "-q", "-b", "theirs");
    const head = repository.push({ theirs: "1" });
    repository.git("push", "-q", "origin", "HEAD:refs/pull/7/head", ":refs/heads/theirs");
    const { secret } = await secretFor(server, pipeline, "gitea");
    const pull = (action: string): object => ({
      action,
      number: 7,
      pull_request: {
        merged: false,
        head: { ref: "main", sha: head, repo_id: 8 },
        base: { ref: "main", sha: base, repo_id: 7 },
      },
    });
    expect((await sendWebhook(server.url, giteaWebhook(secret, "pull_request", pull("opened")))).status).toBe(202);
    const { decisions } = await settled(server);
    const id = decisions[0].run_id;
    const { approvals } = server.services.access;
    const asked = await vi.waitFor(async () => {
      const found = await approvals.ofRun(id);
      expect(found).toMatchObject([{ kind: "fork_run", status: "pending", digest: head }]);
      return found;
    });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await json(await server.get(`/v1/pipeline-runs/${id}`))).toMatchObject({
      status: "pending",
      git_ref: "refs/pull/7/head",
      git_sha: head,
      trigger_event: { kind: "pull_request", is_fork: true, needs_approval: true, source_branch: "main" },
    });
    const person = { ...systemPrincipal("test"), kind: "user" as const, id: "ann", actorId: "user:ann" };
    await approvals.decide(person, asked[0]?.id ?? "", "approve");
    expect(await runOf(server, id)).toMatchObject({ status: "success" });
    // Asking for a run of it by hand is no way past that.
    const byHand = await json(await server.post(`/v1/pipelines/${pipeline}/runs`, { ref: "refs/pull/7/head" }));
    await vi.waitFor(async () => expect(await approvals.ofRun(byHand.id)).toMatchObject([{ status: "pending" }]));
    await server.post(`/v1/pipeline-runs/${byHand.id}/cancel`);
    // Another one that is turned down never begins.
    expect((await sendWebhook(server.url, giteaWebhook(secret, "pull_request", pull("reopened")))).status).toBe(202);
    const other = (await settled(server)).decisions[0].run_id;
    await approvals.decide(person, (await approvals.ofRun(other))[0]?.id ?? "", "reject");
    expect(await runOf(server, other)).toMatchObject({ status: "cancelled", started_at: expect.anything() });
    const jobs = await json(await server.get(`/v1/pipeline-runs/${other}/jobs`));
    expect(jobs.items).toMatchObject([{ status: "cancelled" }]);
  });

  test("a signed request starts a run with inputs, which are checked", async () => {
    const server = await testServer(join(root, "data"));
    const pipeline = await createPipeline(server);
    repository.push({
      "waybill.yaml": `
name: ship
triggers: [{ event: webhook }]
inputs: { stage: { type: choice, options: [staging, production], required: true } }
jobs:
  a: { steps: [{ name: s, script: ["echo to \${inputs.stage}"] }] }
`,
    });
    const { secret } = await secretFor(server, pipeline, "generic");
    const request = (inputs: object): object => ({
      type: "pipeline.trigger",
      data: { repository: { name: "acme/shop" }, ref: "refs/heads/main", inputs, actor: "registry" },
    });
    expect((await sendWebhook(server.url, genericWebhook(secret, request({ stage: "production" })))).status).toBe(202);
    const { decisions } = await settled(server);
    const run = await runOf(server, decisions[0].run_id);
    expect(run).toMatchObject({ status: "success", trigger: "webhook", inputs: { "inputs.stage": "production" } });
    const { items } = await json(await server.get(`/v1/pipeline-runs/${run.id}/jobs`));
    expect(await json(await server.get(`/v1/jobs/${items[0].id}/logs`))).toMatchObject({
      items: [{ text: "to production" }],
    });
    await sendWebhook(server.url, genericWebhook(secret, request({ stage: "moon" })));
    expect(await settled(server)).toMatchObject({
      outcome: "refused",
      decisions: [{ outcome: "failed", code: "PIPELINE_FILE_INVALID", run_id: null }],
    });
    await sendWebhook(server.url, genericWebhook(secret, request({})));
    expect(await settled(server)).toMatchObject({ decisions: [{ outcome: "failed", code: "INPUT_MISSING" }] });
  });

  test("whoever knows no secret learns nothing, and starts nothing", async () => {
    const server = await testServer(join(root, "data"));
    const pipeline = await createPipeline(server);
    const sha = repository.push({ "waybill.yaml": `name: build\n${QUICK}` });
    const nobody = "00000000-0000-4000-8000-000000000000";
    const wrong = githubWebhook("not-the-secret-of-it", "push", push(sha));
    const answers: unknown[] = [];
    const ask = async (path: string): Promise<void> => {
      const response = await sendWebhook(server.url, { ...wrong, path });
      const { request_id: _, ...problem } = await json(response);
      answers.push({ status: response.status, problem });
    };
    // No repository has a secret; then one has; then one is asked for that does not exist.
    await ask("/webhooks/github");
    const { secret, webhook_path } = await secretFor(server, pipeline, "github");
    await ask("/webhooks/github");
    await ask(webhook_path);
    await ask(`/webhooks/github?repository=${nobody}`);
    expect(answers[0]).toMatchObject({ status: 401, problem: { code: "WEBHOOK_SIGNATURE_INVALID" } });
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);

    const cases: readonly (readonly [Partial<ReturnType<typeof githubWebhook>>, number, string])[] = [
      [{ headers: { "content-type": "application/json" } }, 401, "WEBHOOK_SIGNATURE_MISSING"],
      [{ body: `${wrong.body} ` }, 401, "WEBHOOK_SIGNATURE_INVALID"],
      [{ path: "/webhooks/githib" }, 404, "WEBHOOK_SOURCE_UNKNOWN"],
      [{ body: "x".repeat(5 * 1024 * 1024 + 1) }, 413, "API_BODY_TOO_LARGE"],
      [githubWebhook(secret, "push", { ref: 1 }), 400, "WEBHOOK_PAYLOAD_INVALID"],
      [genericWebhook("whsec_" + Buffer.alloc(32, 1).toString("base64"), {}), 401, "WEBHOOK_SIGNATURE_INVALID"],
    ];
    for (const [fields, status, code] of cases) {
      const response = await sendWebhook(server.url, { ...wrong, ...fields });
      expect([response.status, (await json(response)).code]).toEqual([status, code]);
    }
    // The secret of one repository speaks for no other one.
    const other = { full_name: "acme/bank", clone_url: "https://forge.test/acme/bank.git" };
    const foreign = githubWebhook(secret, "push", push(sha), undefined, other);
    expect((await sendWebhook(server.url, foreign)).status).toBe(202);
    expect(await settled(server)).toMatchObject({
      outcome: "refused",
      detail: expect.stringContaining("another repository"),
    });
    expect((await json(await server.get("/v1/pipeline-runs"))).items).toEqual([]);
    const kept = (await json(await server.get("/v1/webhook-deliveries"))).items;
    expect(kept.map((each: Json) => each.outcome)).toEqual(["refused", "refused"]);
  });

  test("a signed webhook that was recorded is refused later", async () => {
    const server = await testServer(join(root, "data"));
    const { secret } = await secretFor(server, await createPipeline(server), "generic");
    const old = genericWebhook(secret, { type: "ping" }, Date.now() - 600_000);
    const response = await sendWebhook(server.url, old);
    expect([response.status, (await json(response)).code]).toEqual([401, "WEBHOOK_TIMESTAMP_OUTSIDE"]);
  });

  test("a sender that is slow holds up no other", async () => {
    const server = await testServer(join(root, "data"));
    const { secret } = await secretFor(server, await createPipeline(server), "github");
    const { hostname, port } = new URL(server.url);
    const slow = connect(Number(port), hostname);
    await new Promise((resolve) => slow.once("connect", resolve));
    slow.write(
      "POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
    );
    for (let n = 0; n < 5; n += 1) {
      expect((await sendWebhook(server.url, githubWebhook(secret, "ping", {}))).status).toBe(200);
    }
    slow.destroy();
    expect((await json(await server.get("/v1/webhook-deliveries"))).items).toHaveLength(5);
  });

  test("secrets are set, rotated and removed, and shown once", async () => {
    const server = await testServer(join(root, "data"));
    const pipeline = await createPipeline(server);
    const path = `/v1/pipelines/${pipeline}/webhook-secrets`;
    const first = await secretFor(server, pipeline, "github");
    const second = await secretFor(server, pipeline, "github", { secret: "a-secret-of-somebody" });
    expect(second.secret).toBe("a-secret-of-somebody");
    const ping = async (secret: string): Promise<number> =>
      (await sendWebhook(server.url, githubWebhook(secret, "ping", {}))).status;
    expect([await ping(first.secret), await ping(second.secret)]).toEqual([200, 200]);
    const third = await secretFor(server, pipeline, "forgejo", { overlap_seconds: 0 });
    expect(third.source).toBe("gitea");
    const fourth = await secretFor(server, pipeline, "github", { overlap_seconds: 0 });
    expect([await ping(first.secret), await ping(second.secret), await ping(fourth.secret)]).toEqual([401, 401, 200]);
    const listed = await (await server.get(path)).text();
    for (const { secret } of [first, second, third, fourth]) expect(listed).not.toContain(secret);
    expect((await server.send("DELETE", `${path}/${fourth.id}`)).status).toBe(204);
    expect((await server.send("DELETE", `${path}/${fourth.id}`)).status).toBe(404);
    expect(await ping(fourth.secret)).toBe(401);
    const bad = await server.post(path, { source: "generic", secret: "not-base64-not-base64!" });
    expect([bad.status, (await json(bad)).code]).toEqual([400, "API_INVALID"]);
    const database = execFileSync("strings", [join(root, "data/waybill.db")], { maxBuffer: 64 * 1024 * 1024 });
    for (const { secret } of [first, second, third, fourth]) expect(database.toString()).not.toContain(secret);
  });
});
