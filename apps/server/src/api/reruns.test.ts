import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
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

let root: string;
let repository: TestRepository;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-rerun-")));
  repository = testRepository(root);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

/** `base` hands a file on through `middle`, which hands an output on; `flaky` needs both and fails until it may not. */
function pipelineText(): string {
  return `
name: shop
jobs:
  last: { depends_on: [flaky], steps: [{ name: s, script: ["echo last >> ${root}/ran", "cat out/flaky"] }] }
  base:
    steps: [{ name: s, script: ["echo base >> ${root}/ran", "mkdir -p out", "echo made > out/base"] }]
    artifacts: { base: [out/base] }
  middle:
    depends_on: [base]
    steps: [{ name: s, script: ["echo middle >> ${root}/ran", "echo VERSION=1.2 >> $WAYBILL_OUTPUT"] }]
  flaky:
    depends_on: [middle]
    steps:
      - name: s
        script:
          - "echo flaky >> ${root}/ran"
          - "grep made out/base"
          - 'echo "version $VERSION mode \${MODE:-plain}"'
          - "test -e ${root}/good"
          - "echo f > out/flaky"
    artifacts: { flaky: [out/flaky] }
`;
}

describeWith("git", "runs again", () => {
  let server: TestServer;
  let pipeline: string;

  beforeEach(async () => {
    repository.push({ "waybill.yaml": pipelineText() });
    server = await testServer(join(root, "data"));
    const project = await json(server.post("/v1/projects", { name: "shop" }));
    const body = { project_id: project.id, name: "build", repository_url: repository.url };
    pipeline = (await json(server.post("/v1/pipelines", body))).id;
  });

  async function json(response: Promise<Response>): Promise<Json> {
    return await (await response).json();
  }

  async function finish(response: Response): Promise<Json> {
    const started: Json = await response.json();
    expect([response.status, started.detail]).toEqual([201, undefined]);
    await readEventStream(await server.get(`/v1/pipeline-runs/${started.id}/events`));
    return await json(server.get(`/v1/pipeline-runs/${started.id}`));
  }

  async function jobs(run: Json): Promise<Json> {
    const { items } = await json(server.get(`/v1/pipeline-runs/${run.id}/jobs`));
    return Object.fromEntries(items.map((job: Json) => [job.name, job]));
  }

  /** What has run since it was asked last. */
  function ran(): string[] {
    const text = execFileSync("sh", ["-c", `cat ${root}/ran 2>/dev/null; rm -f ${root}/ran`]).toString();
    return text.trim().split("\n");
  }

  test("what failed runs again with the files and outputs of what succeeded, through jobs between them", async () => {
    const first = await finish(await server.post(`/v1/pipelines/${pipeline}/runs`, {}));
    expect([first.status, ran()]).toEqual(["failed", ["base", "middle", "flaky"]]);
    // The branch has moved on; the commit has not.
    repository.push({ "waybill.yaml": "name: other\njobs: { x: { steps: [{ name: s, script: [echo] }] } }\n" });
    writeFileSync(join(root, "good"), "");
    const again = await finish(await server.post(`/v1/pipeline-runs/${first.id}/rerun`, { only: "failed" }));
    expect(again).toMatchObject({ status: "success", rerun_of: first.id, git_sha: first.git_sha, trigger: "manual" });
    expect(ran()).toEqual(["flaky", "last"]);
    const made = await jobs(again);
    expect(made.middle).toMatchObject({
      status: "success",
      attempts: 0,
      outputs: { VERSION: "1.2" },
      message: `taken from run ${first.number}`,
      steps: [{ status: "success" }],
    });
    const log = await json(server.get(`/v1/jobs/${made.flaky.id}/logs`));
    expect(log.items.map(({ text }: Json) => text)).toEqual(["made", "version 1.2 mode plain"]);
    const earlier = await jobs(first);
    expect(made.base.artifacts[0].id).not.toBe(earlier.base.artifacts[0].id);
    expect(made.base.artifacts[0].content_hash).toBe(earlier.base.artifacts[0].content_hash);
    const why = await json(server.get(`/v1/jobs/${made.base.id}/explanation`));
    expect(why.summary).toBe(`did not run again: taken from run ${first.number}`);
    const third = await server.post(`/v1/pipeline-runs/${again.id}/rerun`, { only: "failed" });
    expect([third.status, (await json(Promise.resolve(third))).code]).toEqual([409, "RUN_NOTHING_FAILED"]);
    // A reused job hands its files on from a run that reused it itself.
    const one = await finish(await server.post(`/v1/pipeline-runs/${again.id}/rerun`, { jobs: ["flaky"] }));
    expect([one.status, ran(), Object.keys(await jobs(one))]).toEqual([
      "success",
      ["flaky"],
      ["base", "middle", "flaky"],
    ]);
    const all = await finish(await server.post(`/v1/pipeline-runs/${one.id}/rerun`));
    expect([all.status, ran()]).toEqual(["success", ["base", "middle", "flaky"]]);
  });

  test("with changed variables everything that is asked for runs again", async () => {
    writeFileSync(join(root, "good"), "");
    const first = await finish(await server.post(`/v1/pipelines/${pipeline}/runs`, { variables: { MODE: "a", N: 1 } }));
    ran();
    const body = { jobs: ["flaky"], variables: { MODE: "b" } };
    const again = await finish(await server.post(`/v1/pipeline-runs/${first.id}/rerun`, body));
    expect(again).toMatchObject({ status: "success", inputs: { MODE: "b", N: 1 } });
    expect(ran()).toEqual(["base", "middle", "flaky"]);
    const { items } = await json(server.get(`/v1/jobs/${(await jobs(again)).flaky.id}/logs`));
    expect(items.at(-1).text).toBe("version 1.2 mode b");
    const unknown = await server.post(`/v1/pipeline-runs/${first.id}/rerun`, { jobs: ["flakey"] });
    expect([unknown.status, (await json(Promise.resolve(unknown))).code]).toEqual([400, "RUN_UNKNOWN_JOB"]);
  });

  test("parts of a run are read alone, logs are searched, and all events come in one stream", async () => {
    const follower = readEventStream(await server.get("/v1/events"), (events) => events.length === 13);
    const first = await finish(await server.post(`/v1/pipelines/${pipeline}/runs`, {}));
    const graph = await json(server.get(`/v1/pipeline-runs/${first.id}/graph`));
    expect(graph.jobs.map(({ name, level, status }: Json) => [name, level, status])).toEqual([
      ["last", 3, "cancelled"],
      ["base", 0, "success"],
      ["middle", 1, "success"],
      ["flaky", 2, "failed"],
    ]);
    expect(graph.edges).toContainEqual({ from: "flaky", to: "last" });
    const definition = await json(server.get(`/v1/pipeline-runs/${first.id}/definition`));
    expect(definition.name).toBe("shop");
    const artifacts = await json(server.get(`/v1/pipeline-runs/${first.id}/artifacts`));
    expect(artifacts.items).toMatchObject([{ name: "base", job: "base" }]);
    const { flaky } = await jobs(first);
    expect(await json(server.get(`/v1/jobs/${flaky.id}`))).toMatchObject({ name: "flaky", run_id: first.id });
    const why = await json(server.get(`/v1/jobs/${flaky.id}/explanation`));
    expect(why).toMatchObject({ status: "failed", exit: { exit_code: 1 }, attempts: [{ attempt: 1 }] });

    const logs = `/v1/jobs/${flaky.id}/logs`;
    const found = await json(server.get(`${logs}?q=${encodeURIComponent("(?i)VERSION \\d")}`));
    expect(found).toMatchObject({ items: [{ line: 1, text: "version 1.2 mode plain" }], next_line: 2, total_lines: 2 });
    expect(await json(server.get(`${logs}?q=nowhere`))).toMatchObject({ items: [], next_line: 2 });
    expect(await json(server.get(`${logs}?q=e&limit=1`))).toMatchObject({ items: [{ line: 0 }], next_line: 1 });
    expect(await json(server.get(`${logs}?q=e&limit=1&from=1`))).toMatchObject({ items: [{ line: 1 }], next_line: 2 });
    expect(await json(server.get(`${logs}?tail=1`))).toMatchObject({ items: [{ line: 1 }], next_line: 2 });
    expect(await json(server.get(`${logs}?step=1`))).toMatchObject({ items: [], next_line: 2 });
    expect((await json(server.get(`${logs}?q=(`))).code).toBe("API_LOG_PATTERN");

    const events = await follower;
    expect(events.map(({ type }) => type).slice(0, 3)).toEqual(["run.started", "job.started", "step.started"]);
    expect(events.map(({ data }) => JSON.parse(data).run_id)).toEqual(Array(13).fill(first.id));
    expect(events.filter(({ type }) => type === "artifact.stored")).toHaveLength(1);
    const middle = events[5]?.id ?? "";
    const rest = await readEventStream(
      await server.get("/v1/events", { "last-event-id": middle }),
      (some) => some.length === 7,
    );
    expect(rest).toEqual(events.slice(6));
    const { id, number, pipeline_id: of } = first;
    const byNumber = await json(server.get(`/v1/pipeline-runs?number=${number}&pipeline_id=${of}`));
    expect(byNumber.items.map((each: Json) => each.id)).toEqual([id]);
    expect(await json(server.get(`/v1/pipelines/${of}/runs?number=999999`))).toMatchObject({ items: [] });
    const branch = await json(server.get(`/v1/pipeline-runs?branch=main&trigger=manual&since=${first.created_at}`));
    expect(branch.items.map((each: Json) => each.id)).toEqual([first.id]);
    for (const none of ["branch=other", "trigger=push", `until=${first.created_at}`, "project_id=" + first.id]) {
      expect([none, (await json(server.get(`/v1/pipeline-runs?${none}`))).items]).toEqual([none, []]);
    }
  });
});
