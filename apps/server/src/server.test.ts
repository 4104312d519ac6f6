import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeWith } from "../../../test/support/requires.ts";
import {
  readEventStream,
  testRepository,
  testServer,
  type TestRepository,
  type TestServer,
} from "./testing/test-server.ts";

const PIPELINE = `
name: shop
jobs:
  build:
    steps:
      - { name: make, script: ["echo building \${BRANCH_NAME} \${MODE:-plain}", "mkdir out", "cat source > out/app", "ln -s app out/link"] }
    artifacts: { app: [out] }
  check:
    depends_on: [build]
    steps: [{ name: look, script: ["grep -q content out/app", "echo checked"] }]
`;

let root: string;
let repository: TestRepository;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-server-")));
  repository = testRepository(root);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

async function json(response: Response): Promise<Json> {
  return await response.json();
}

async function createPipeline(server: TestServer): Promise<string> {
  const project = await json(await server.post("/v1/projects", { name: "shop" }));
  const response = await server.post("/v1/pipelines", {
    project_id: project.id,
    name: "build",
    repository_url: repository.url,
  });
  expect(response.status).toBe(201);
  return (await json(response)).id;
}

describeWith("git", "a server", () => {
  test("runs a commit and shows all of it", async () => {
    const sha = repository.push({ "waybill.yaml": PIPELINE, source: "content\n" });
    const server = await testServer(join(root, "data"));
    const pipeline = await createPipeline(server);
    const triggered = await server.post(`/v1/pipelines/${pipeline}/runs`, { variables: { MODE: "fast", N: 3 } });
    expect(triggered.status).toBe(201);
    const { id, status } = await json(triggered);
    expect(status).toBe("pending");
    expect(triggered.headers.get("location")).toBe(`/v1/pipeline-runs/${id}`);

    const events = await readEventStream(await server.get(`/v1/pipeline-runs/${id}/events`));
    expect(events.map((event) => event.type)).toEqual([
      "run.started",
      "job.started",
      "step.started",
      "step.finished",
      "job.finished",
      "job.started",
      "step.started",
      "step.finished",
      "job.finished",
      "run.finished",
    ]);
    expect(events.map((event) => Number(event.id))).toEqual(events.map((_, index) => index + 1));
    const rest = await readEventStream(await server.get(`/v1/pipeline-runs/${id}/events`, { "last-event-id": "8" }));
    expect(rest.map((event) => event.id)).toEqual(["9", "10"]);

    expect(await json(await server.get(`/v1/pipeline-runs/${id}`))).toMatchObject({
      id,
      number: 1,
      status: "success",
      git_ref: "refs/heads/main",
      git_sha: sha,
      pipeline_id: pipeline,
      inputs: { MODE: "fast", N: 3 },
      trigger_event: { type: "manual" },
    });
    const { items: jobs } = await json(await server.get(`/v1/pipeline-runs/${id}/jobs`));
    expect(jobs).toMatchObject([
      { name: "build", status: "success", depends_on: [], steps: [{ name: "make", exit_code: 0 }] },
      { name: "check", status: "success", depends_on: ["build"], artifacts: [] },
    ]);
    const log = await json(await server.get(`/v1/jobs/${jobs[0].id}/logs`));
    expect(log).toMatchObject({ items: [{ line: 0, text: "building main fast", stream: "stdout" }], total_lines: 1 });
    const followed = await readEventStream(await server.get(`/v1/jobs/${jobs[1].id}/logs?follow=true`));
    expect(followed.map(({ data }) => JSON.parse(data).text)).toEqual(["checked"]);

    const [artifact] = jobs[0].artifacts;
    expect(await json(await server.get(`/v1/artifacts/${artifact.id}/metadata`))).toMatchObject({
      name: "app",
      job: "build",
      run_id: id,
      file_count: 2,
      size_bytes: 8,
    });
    const download = await server.get(`/v1/artifacts/${artifact.id}/download`);
    expect(download.headers.get("content-disposition")).toBe('attachment; filename="app.tar"');
    writeFileSync(join(root, "app.tar"), Buffer.from(await download.arrayBuffer()));
    mkdirSync(join(root, "unpacked"));
    execFileSync("tar", ["-xf", join(root, "app.tar"), "-C", join(root, "unpacked")]);
    expect(execFileSync("cat", [join(root, "unpacked/out/link")]).toString()).toBe("content\n");
    expect(readdirSync(join(root, "data/scratch"))).toEqual([]);
    expect(readdirSync(join(root, "data/workspaces"))).toEqual([]);
    expect(server.logged).toEqual([]);
  });

  test("starts the pipelines of a repository that was pushed to, and says which could not be", async () => {
    const server = await testServer(join(root, "data"));
    await createPipeline(server);
    const first = repository.push({ "waybill.yaml": PIPELINE, source: "content\n" });
    const zero = "0".repeat(40);
    const pushed = await server.post("/webhooks/git", {
      repository: repository.url,
      updates: [
        { old: zero, new: first, ref: "refs/heads/main" },
        { old: first, new: zero, ref: "refs/heads/gone" },
        { old: zero, new: first, ref: "refs/notes/x" },
      ],
    });
    expect(pushed.status).toBe(202);
    const outcome = await json(pushed);
    expect(outcome).toMatchObject({ runs: [{ number: 1, pipeline: "build" }], problems: [] });
    const [{ id }] = outcome.runs;
    await readEventStream(await server.get(`/v1/pipeline-runs/${id}/events`));
    expect(await json(await server.get(`/v1/pipeline-runs/${id}`))).toMatchObject({
      status: "success",
      trigger: "push",
      git_sha: first,
      trigger_event: { type: "push", ref: "refs/heads/main", before: null, after: first },
    });
    const second = repository.push({ "waybill.yaml": "jobs: 3\n" });
    const broken = await server.post("/webhooks/git", {
      repository: repository.url,
      updates: [{ old: first, new: second, ref: "refs/heads/main" }],
    });
    expect(await json(broken)).toMatchObject({
      runs: [],
      problems: [{ pipeline: "build", ref: "refs/heads/main", code: "PIPELINE_FILE_INVALID" }],
    });
    const unknown = await server.post("/webhooks/git", { repository: "file:///nowhere.git", updates: [] });
    expect(unknown.status).toBe(404);
  });

  test("runs a commit of a branch, and none that the branch does not have", async () => {
    const first = repository.push({ "waybill.yaml": PIPELINE, source: "content\n" });
    repository.push({ source: "new content\n" });
    repository.git("checkout", "-q", "-b", "other", first);
    const other = repository.push({ source: "other content\n" });
    const server = await testServer(join(root, "data"));
    const runs = `/v1/pipelines/${await createPipeline(server)}/runs`;
    const { id } = await json(await server.post(runs, { ref: "main", sha: first }));
    expect(await json(await server.get(`/v1/pipeline-runs/${id}`))).toMatchObject({ git_sha: first });
    const refused = await server.post(runs, { ref: "main", sha: other });
    expect([refused.status, (await json(refused)).code]).toEqual([404, "GIT_NO_COMMIT"]);
    expect((await server.post(runs, { ref: "refs/heads/other", sha: other })).status).toBe(201);
    const { items } = await json(await server.get(runs));
    for (const run of items) await readEventStream(await server.get(`/v1/pipeline-runs/${run.id}/events`));
  });

  test("cancels a run", async () => {
    const slow = `name: slow\njobs:\n  wait: { steps: [{ name: s, script: ["echo up", "sleep 1000"] }] }\n`;
    repository.push({ "waybill.yaml": slow });
    const server = await testServer(join(root, "data"));
    const { id } = await json(await server.post(`/v1/pipelines/${await createPipeline(server)}/runs`));
    await readEventStream(await server.get(`/v1/pipeline-runs/${id}/events`), (events) =>
      events.some(({ type }) => type === "step.started"),
    );
    expect((await server.post(`/v1/pipeline-runs/${id}/cancel`)).status).toBe(202);
    await readEventStream(await server.get(`/v1/pipeline-runs/${id}/events`));
    expect(await json(await server.get(`/v1/pipeline-runs/${id}`))).toMatchObject({
      status: "cancelled",
      reason: "user",
    });
    const again = await server.post(`/v1/pipeline-runs/${id}/cancel`);
    expect(again.status).toBe(409);
    expect(await json(again)).toMatchObject({ code: "RUN_OVER", status: 409 });
  });

  test("leaves runs to go on when it ends, and takes them up when it starts", async () => {
    const waiting = `
name: waiting
jobs:
  one: { steps: [{ name: s, script: ["echo x >> ${root}/count", "until [ -e ${root}/go ]; do sleep 0.02; done", "echo over"] }] }
  two: { depends_on: [one], steps: [{ name: s, script: ["cat source >> ${root}/count"] }] }
`;
    repository.push({ "waybill.yaml": waiting, source: "y\n" });
    const first = await testServer(join(root, "data"));
    const pipeline = await createPipeline(first);
    const { id } = await json(await first.post(`/v1/pipelines/${pipeline}/runs`, { ref: "main" }));
    const followed = readEventStream(await first.get(`/v1/pipeline-runs/${id}/events`));
    await readEventStream(await first.get(`/v1/pipeline-runs/${id}/events`), (events) =>
      events.some(({ type }) => type === "step.started"),
    );
    await first.close();
    expect((await followed).map(({ type }) => type)).toEqual(["run.started", "job.started", "step.started"]);
    const second = await testServer(join(root, "data"));
    writeFileSync(join(root, "go"), "");
    const events = await readEventStream(await second.get(`/v1/pipeline-runs/${id}/events`));
    expect(events.at(-1)?.type).toBe("run.finished");
    expect(events.filter(({ type }) => type === "step.started")).toHaveLength(2);
    expect(await json(await second.get(`/v1/pipeline-runs/${id}`))).toMatchObject({ status: "success" });
    expect(execFileSync("cat", [join(root, "count")]).toString()).toBe("x\ny\n");
  });

  test("lists runs page by page, newest first", async () => {
    repository.push({ "waybill.yaml": `name: quick\njobs:\n  a: { steps: [{ name: s, script: ["true"] }] }\n` });
    const server = await testServer(join(root, "data"), { "max-runs": "2" });
    const pipeline = await createPipeline(server);
    for (let n = 0; n < 5; n += 1) {
      const { id } = await json(await server.post(`/v1/pipelines/${pipeline}/runs`));
      await readEventStream(await server.get(`/v1/pipeline-runs/${id}/events`));
    }
    const first = await json(await server.get(`/v1/pipelines/${pipeline}/runs?limit=3&status=success`));
    expect(first.items.map((run: Json) => run.number)).toEqual([5, 4, 3]);
    const next = await json(await server.get(`/v1/pipelines/${pipeline}/runs?limit=3&cursor=${first.next_cursor}`));
    expect(next).toMatchObject({ items: [{ number: 2 }, { number: 1 }], next_cursor: null });
    expect(await json(await server.get("/v1/pipeline-runs?status=failed"))).toEqual({ items: [], next_cursor: null });
  });

  test("answers what it cannot do with a problem and its code", async () => {
    const server = await testServer(join(root, "data"));
    const pipeline = await createPipeline(server);
    const nobody = "00000000-0000-4000-8000-000000000000";
    const cases: readonly (readonly [string, string, unknown, number, string])[] = [
      ["GET", "/v1/nothing", undefined, 404, "API_NO_ROUTE"],
      ["GET", `/v1/pipeline-runs/${nobody}`, undefined, 404, "API_NOT_FOUND"],
      ["GET", "/v1/pipeline-runs/1", undefined, 400, "API_INVALID"],
      ["GET", "/v1/pipelines?limit=0", undefined, 400, "API_INVALID"],
      ["GET", "/v1/pipeline-runs?cursor=x", undefined, 400, "API_INVALID"],
      ["GET", "/v1/pipelines?nonsense=1", undefined, 400, "API_INVALID"],
      ["GET", "/v1/pipelines/%ff", undefined, 400, "API_INVALID"],
      ["POST", "/v1/projects", { name: "shop" }, 409, "PROJECT_NAME_TAKEN"],
      ["POST", "/v1/projects", { name: "x", admin: true }, 400, "API_INVALID"],
      ["POST", "/v1/projects", "text", 400, "API_INVALID"],
      ["POST", `/v1/pipelines/${pipeline}/runs`, { ref: "nowhere" }, 502, "GIT_UNREACHABLE"],
      ["POST", `/v1/pipelines/${pipeline}/runs`, { ref: "--upload-pack=x" }, 400, "API_INVALID"],
    ];
    rmSync(repository.bare, { recursive: true });
    for (const [method, path, body, status, code] of cases) {
      const response = method === "GET" ? await server.get(path) : await server.post(path, body);
      expect([path, response.status]).toEqual([path, status]);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      expect(await json(response)).toMatchObject({ code, status, request_id: response.headers.get("x-request-id") });
    }
    const large = await server.post("/v1/projects", { name: "x".repeat(2_000_000) });
    expect([large.status, (await json(large)).code]).toEqual([413, "API_BODY_TOO_LARGE"]);
    const headers = { authorization: `Bearer ${server.token}` };
    const text = await fetch(`${server.url}/v1/projects`, { method: "POST", body: "name=x", headers });
    expect([text.status, (await json(text)).code]).toEqual([415, "API_MEDIA_TYPE"]);
  });

  test("describes every route it serves, and nothing else", async () => {
    const server = await testServer(join(root, "data"));
    const document = await json(await server.get("/openapi.json"));
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toContain("/v1/pipelines/{id}/runs");
    expect(document.components.schemas.Run.properties).toHaveProperty("git_sha");
    expect(JSON.stringify(document)).not.toContain("$defs");
    expect(await json(await server.get("/health"))).toEqual({ status: "ok" });
    expect(await json(await server.get("/ready"))).toEqual({ status: "ok" });
  });
});
