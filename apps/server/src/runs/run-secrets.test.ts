import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import {
  readEventStream,
  testRepository,
  testServer,
  type TestRepository,
  type TestServer,
} from "../testing/test-server.ts";

const VALUE = "s3cr3t-pa55-of-a-test";
const FOR_MAIN = "only-for-main-branch-9";

let root: string;
let repository: TestRepository;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-secrets-")));
  repository = testRepository(root);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

async function json(response: Response): Promise<Json> {
  expect([response.url, response.status, response.status >= 400 ? await response.clone().text() : ""]).toEqual([
    response.url,
    expect.toSatisfy((status: number) => status < 300),
    "",
  ]);
  return await response.json();
}

async function createPipeline(server: TestServer): Promise<{ readonly project: string; readonly pipeline: string }> {
  const { id: project } = await json(await server.post("/v1/projects", { name: "shop" }));
  const created = { project_id: project, name: "build", repository_url: repository.url };
  return { project, pipeline: (await json(await server.post("/v1/pipelines", created))).id };
}

async function setSecret(server: TestServer, project: string, name: string, body: object): Promise<void> {
  await json(await server.send("PUT", `/v1/projects/${project}/secrets/${name}`, body));
}

/** Every byte the server keeps, but what it keeps encrypted is among it. */
function storedText(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}

describeWith("git", "secrets of a run", () => {
  test("reach its jobs and nobody else: not the log, the events, the outputs, the errors or what is stored", async () => {
    repository.push({
      "waybill.yaml": `
name: shop
global_env: { TOKEN: "\${{ secrets.TOKEN }}", WHERE: "\${{ secrets.WHERE }}" }
jobs:
  use:
    steps:
      - name: show
        script:
          - printf %s "$TOKEN" | sha256sum | cut -c1-64
          - echo "it is $TOKEN, of $WHERE"
          - echo "$TOKEN" >&2
  fail:
    depends_on: [use]
    steps: [{ name: fail, script: ["echo \\"bad $TOKEN\\" >&2", "exit 3"] }]
`,
    });
    const server = await testServer(join(root, "data"));
    const { project, pipeline } = await createPipeline(server);
    await setSecret(server, project, "TOKEN", { value: VALUE });
    await setSecret(server, project, "WHERE", { value: "of-every-branch" });
    await setSecret(server, project, "WHERE", { value: FOR_MAIN, branch: "main" });
    await setSecret(server, project, "WHERE", { value: "of-production-1", environment: "prod" });
    const { id } = await json(await server.post(`/v1/pipelines/${pipeline}/runs`, {}));
    const events = await readEventStream(await server.get(`/v1/pipeline-runs/${id}/events`));
    const { items: jobs } = await json(await server.get(`/v1/pipeline-runs/${id}/jobs`));
    expect(jobs).toMatchObject([{ status: "success" }, { status: "failed" }]);
    const log = await json(await server.get(`/v1/jobs/${jobs[0].id}/logs`));
    const digest = createHash("sha256").update(VALUE).digest("hex");
    expect(log.items.map(({ text }: Json) => text)).toEqual([digest, "it is ***, of ***", "***"]);
    const followed = await readEventStream(await server.get(`/v1/jobs/${jobs[1].id}/logs?follow=true`));
    const shown = JSON.stringify([
      events,
      followed,
      jobs,
      log,
      await json(await server.get(`/v1/pipeline-runs/${id}`)),
      await json(await server.get(`/v1/projects/${project}/secrets`)),
      await json(await server.get(`/v1/audit?project_id=${project}`)),
      server.logged,
    ]);
    for (const value of [VALUE, FOR_MAIN]) {
      expect(shown).not.toContain(value);
      expect(storedText(join(root, "data"))).not.toContain(value);
    }
    expect(
      (await json(await server.get(`/v1/audit?project_id=${project}&action=SECRET_ACCESSED`))).items,
    ).toMatchObject([{ resource: `run:${id}`, context: { branch: "main", names: ["TOKEN", "WHERE"] } }]);
  });

  test("are there again when a run is taken up by another server, with what was added meanwhile kept out", async () => {
    repository.push({
      "waybill.yaml": `
name: shop
global_env: { TOKEN: "\${{ secrets.TOKEN }}" }
jobs:
  one: { steps: [{ name: s, script: ["until [ -e ${root}/go ]; do sleep 0.02; done"] }] }
  two: { depends_on: [one], steps: [{ name: s, script: ["echo $TOKEN added-later-1 >${root}/out", "echo $TOKEN"] }] }
`,
    });
    const first = await testServer(join(root, "data"));
    const { project, pipeline } = await createPipeline(first);
    await setSecret(first, project, "TOKEN", { value: VALUE });
    const { id } = await json(await first.post(`/v1/pipelines/${pipeline}/runs`, {}));
    await readEventStream(await first.get(`/v1/pipeline-runs/${id}/events`), (events) =>
      events.some(({ type }) => type === "step.started"),
    );
    await setSecret(first, project, "OTHER", { value: "added-later-1" });
    await first.close();
    const second = await testServer(join(root, "data"));
    writeFileSync(join(root, "go"), "");
    await readEventStream(await second.get(`/v1/pipeline-runs/${id}/events`));
    expect(await json(await second.get(`/v1/pipeline-runs/${id}`))).toMatchObject({ status: "success" });
    expect(readFileSync(join(root, "out"), "utf8")).toBe(`${VALUE} added-later-1\n`);
    const { items: jobs } = await json(await second.get(`/v1/pipeline-runs/${id}/jobs`));
    expect((await json(await second.get(`/v1/jobs/${jobs[1].id}/logs`))).items).toMatchObject([{ text: "***" }]);
  });

  test("that are not for its branch, and those of a fork, are none: a run that needs them is refused", async () => {
    repository.push({
      "waybill.yaml": `
name: shop
jobs: { a: { steps: [{ name: s, environment: { T: "\${{ secrets.TOKEN }}" }, script: ["true"] }] } }
`,
    });
    const server = await testServer(join(root, "data"));
    const { project, pipeline: id } = await createPipeline(server);
    await setSecret(server, project, "TOKEN", { value: VALUE, branch: "release/*" });
    const refused = await server.post(`/v1/pipelines/${id}/runs`, {});
    expect((await refused.json()) as Json).toMatchObject({ code: "RUN_SECRETS_MISSING" });
    await setSecret(server, project, "TOKEN", { value: VALUE });
    const pipeline = await server.services.records.pipelines.find(id);
    if (pipeline === null) throw new Error("there is no pipeline");
    const fork = { pipeline, ref: "main", sha: null, trigger: "pull_request", inputs: {} };
    await expect(server.services.runs.trigger({ ...fork, event: { is_fork: true } })).rejects.toMatchObject({
      code: "RUN_SECRETS_MISSING",
    });
    await expect(server.services.runs.trigger({ ...fork, event: { is_fork: false } })).resolves.toMatchObject({
      status: "pending",
    });
  });
});
