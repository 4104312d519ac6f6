import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { signedIn } from "../testing/people.ts";
import {
  openTestServer,
  readEventStream,
  testRepository,
  type TestRepository,
  type TestServer,
} from "../testing/test-server.ts";

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

const PIPELINE = `
name: shop
inputs:
  version: { description: What to release, required: true }
  stage: { type: choice, options: [staging, production], default: staging }
schedule: [{ cron: "30 4 * * 1-5", timezone: Europe/Vienna }]
jobs:
  build: { steps: [{ name: make, script: ["true"] }] }
  test: { depends_on: [build], if: inputs.stage == 'staging', steps: [{ name: t, script: ["true"] }] }
`;
const BROKEN = `name: lint
jobs:
  check: { depends_on: [biuld], steps: [{ name: l, script: ["true"] }] }
`;

let root: string;
let server: TestServer;
let repository: TestRepository;
let sha: string;
let project: string;

describeWith("git", "to set a pipeline up", () => {
  beforeAll(async () => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-setup-")));
    repository = testRepository(root);
    sha = repository.push({ "waybill.yaml": PIPELINE, "tools/waybill.yaml": BROKEN, "README.md": "x" });
    server = await openTestServer(join(root, "data"));
    project = (await json(server.post("/v1/projects", { name: "shop" }))).id;
  });

  afterAll(async () => {
    await server.close();
    rmSync(root, { recursive: true, force: true });
  });

  async function json(response: Promise<Response>): Promise<Json> {
    return await (await response).json();
  }

  test("a repository is looked at: where its files are, what is wrong with them, and nothing is kept", async () => {
    const body = { repository_url: repository.url, project_id: project };
    const found = await json(server.post("/v1/repositories/check", body));
    expect(found).toMatchObject({ url: repository.url, default_branch: "main", commit: sha, is_complete: true });
    expect(found.files.map(({ path, format, error_count }: Json) => [path, format, error_count])).toEqual([
      ["waybill.yaml", "waybill", 0],
      ["tools/waybill.yaml", "waybill", 1],
    ]);
    expect(found.files[0]).toMatchObject({
      name: "shop",
      inputs: [
        { name: "version", type: "string", required: true, default: null },
        { name: "stage", type: "choice", options: ["staging", "production"], default: "staging" },
      ],
      graph: { edges: [{ from: "build", to: "test" }] },
      triggers: [
        { events: ["push"], branches: null, forks: null },
        { events: ["pull_request"], forks: true },
      ],
      schedule: [{ cron: "30 4 * * 1-5", timezone: "Europe/Vienna", branch: null }],
    });
    expect(found.files[1]).toMatchObject({
      graph: null,
      problems: [{ severity: "error", code: "GRAPH_UNKNOWN_DEPENDENCY", line: 3 }],
    });
    expect(readdirSync(server.services.scratchDirectory).filter((name) => name.startsWith("probe-"))).toEqual([]);
  });

  test("a repository that cannot be used is refused with the reason, and secrets are not repeated", async () => {
    const check = (repository_url: string, more: object = {}): Promise<Json> =>
      json(server.post("/v1/repositories/check", { repository_url, project_id: project, ...more }));
    expect(await check(`file://${root}/nowhere.git`)).toMatchObject({ code: "GIT_UNREACHABLE", status: 502 });
    expect(await check("https://169.254.169.254/latest.git")).toMatchObject({ code: "GIT_ADDRESS_INVALID" });
    expect(await check("ext::sh -c true")).toMatchObject({ code: "GIT_ADDRESS_INVALID" });
    const credentials = { username: "ann", password: "hunter2-hunter2" };
    const refused = await check("https://127.0.0.1:1/shop.git", { credentials });
    expect(refused).toMatchObject({ code: "GIT_UNREACHABLE" });
    expect(JSON.stringify([refused, server.logged])).not.toContain("hunter2");
    // Who may make pipelines in one project may not have the server ask around for none.
    const admin = await signedIn(server, "ann", { [project]: "admin" });
    expect((await admin.post("/v1/repositories/check", { repository_url: repository.url })).status).toBe(403);
    expect(
      (await admin.post("/v1/repositories/check", { repository_url: repository.url, project_id: project })).status,
    ).toBe(200);
  });

  test("its file is shown as it is at a branch, with problems and graph", async () => {
    const made = { project_id: project, name: "build", repository_url: repository.url };
    const { id } = await json(server.post("/v1/pipelines", made));
    const file = await json(server.get(`/v1/pipelines/${id}/definition`));
    expect(file).toMatchObject({
      ref: "refs/heads/main",
      commit: sha,
      path: "waybill.yaml",
      text: PIPELINE,
      problems: [],
    });
    expect(file.graph.jobs).toEqual([
      { name: "build", level: 0, steps: 1, condition: null },
      { name: "test", level: 1, steps: 1, condition: "inputs.stage == 'staging'" },
    ]);
    expect(await json(server.get(`/v1/pipelines/${id}/definition?ref=nowhere`))).toMatchObject({
      code: "GIT_NO_COMMIT",
    });

    const broken = repository.push({ "waybill.yaml": "name: [" });
    expect(await json(server.get(`/v1/pipelines/${id}/definition`))).toMatchObject({ commit: sha });
    const fresh = await json(server.get(`/v1/pipelines/${id}/definition?refresh=true`));
    expect(fresh).toMatchObject({ commit: broken, text: "name: [", graph: null });
    expect(fresh.problems[0]).toMatchObject({ severity: "error", line: 1 });
    repository.push({ "waybill.yaml": "name: x\njobs: { a: { steps: [{ name: s, script: ['true'] }] } }\n" });
  });

  test("names, paths and branches are changed, and what nothing depends on is removed", async () => {
    const make = (name: string): Promise<Json> =>
      json(server.post("/v1/pipelines", { project_id: project, name, repository_url: repository.url }));
    const [one, other] = [await make("one"), await make("other")];
    const change = (id: string, body: object): Promise<Json> => json(server.send("PATCH", `/v1/pipelines/${id}`, body));
    expect(await change(one.id, { name: "other" })).toMatchObject({ code: "PIPELINE_NAME_TAKEN" });
    expect(await change(one.id, { config_path: "../x" })).toMatchObject({ code: "API_INVALID" });
    const body = { name: "first", config_path: "ci/waybill.yaml", default_branch: "trunk" };
    expect(await change(one.id, body)).toMatchObject(body);
    expect(await change(one.id, { name: "first", default_branch: "main", config_path: "waybill.yaml" })).toMatchObject({
      id: one.id,
    });
    expect((await server.send("DELETE", `/v1/pipelines/${other.id}`)).status).toBe(204);
    expect((await server.get(`/v1/pipelines/${other.id}`)).status).toBe(404);

    const { id: run } = await json(server.post(`/v1/pipelines/${one.id}/runs`, {}));
    expect(await json(server.send("DELETE", `/v1/pipelines/${one.id}`))).toMatchObject({ code: "PIPELINE_HAS_RUNS" });
    await readEventStream(await server.get(`/v1/pipeline-runs/${run}/events`));
    expect(await json(server.send("DELETE", `/v1/pipelines/${one.id}`))).toMatchObject({
      code: "PIPELINE_HAS_RUNS",
      detail: expect.stringContaining("it has runs, which are kept"),
    });

    const { id: empty } = await json(server.post("/v1/projects", { name: "empty" }));
    const rename = (id: string, name: string): Promise<Json> =>
      json(server.send("PATCH", `/v1/projects/${id}`, { name }));
    expect(await rename(empty, "shop")).toMatchObject({ code: "PROJECT_NAME_TAKEN" });
    expect(await rename(empty, "hollow")).toMatchObject({ id: empty, name: "hollow" });
    expect(await json(server.send("DELETE", `/v1/projects/${project}`))).toMatchObject({ code: "PROJECT_NOT_EMPTY" });
    await server.post(`/v1/projects/${empty}/environments`, { name: "production" });
    const environments = server.services.access.environments;
    expect(await environments.ofProject(empty)).toHaveLength(1);
    expect((await server.send("DELETE", `/v1/projects/${empty}`)).status).toBe(204);
    expect(await environments.ofProject(empty)).toEqual([]);
  });
});
