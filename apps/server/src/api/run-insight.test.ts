import { systemPrincipal } from "@waybill/access";
import { createHash } from "node:crypto";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { signedIn } from "../testing/people.ts";
import {
  openTestServer,
  readEventStream,
  testRepository,
  type TestCaller,
  type TestServer,
} from "../testing/test-server.ts";

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

const PIPELINE = `
name: shop
inputs: { level: { type: choice, options: [low, high], default: low } }
global_env: { COLOUR: blue, GREETING: "key \${{ secrets.API_KEY }}" }
jobs:
  build:
    environment: { MODE: fast }
    steps:
      - name: make
        script: ["echo VERSION=1.2 >> $WAYBILL_OUTPUT", "echo $GREETING", "echo made > out"]
    artifacts: { out: [out] }
  check:
    depends_on: [build]
    retry_count: 1
    steps:
      - name: look
        script: ["echo 'warning: old'", "echo fine"]
      - name: compile
        script: ["echo 'main.c:3:1: error: broken'", "for n in 1 2 3; do echo line $n; done", "exit 3"]
`;

let root: string;
let server: TestServer;
let run: string;
let jobs: Readonly<Record<string, string>>;

describeWith("git", "of a run that is over", () => {
  beforeAll(async () => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-insight-")));
    const repository = testRepository(root);
    repository.push({ "waybill.yaml": PIPELINE });
    server = await openTestServer(join(root, "data"));
    const post = async (path: string, body: unknown): Promise<Json> => await (await server.post(path, body)).json();
    const { id: project } = await post("/v1/projects", { name: "shop" });
    await server.send("PUT", `/v1/projects/${project}/secrets/API_KEY`, { value: "hunter2-hunter2" });
    const body = { project_id: project, name: "build", repository_url: repository.url };
    const { id: pipeline } = await post("/v1/pipelines", body);
    const started = await post(`/v1/pipelines/${pipeline}/runs`, {
      inputs: { level: "high" },
      variables: { EXTRA: "1" },
    });
    run = started.id;
    await readEventStream(await server.get(`/v1/pipeline-runs/${run}/events`));
    const { items } = await get(`/v1/pipeline-runs/${run}/jobs`);
    jobs = Object.fromEntries(items.map(({ name, id }: Json) => [name, id]));
  });

  afterAll(async () => {
    await server.close();
    rmSync(root, { recursive: true, force: true });
  });

  async function get(path: string): Promise<Json> {
    const response = await server.get(path);
    if (response.status !== 200) throw new Error(`${path}: ${await response.text()}`);
    return await response.json();
  }

  test("the timeline says where its time went", async () => {
    const timeline = await get(`/v1/pipeline-runs/${run}/timeline`);
    expect(timeline.jobs.map(({ name, is_critical }: Json) => [name, is_critical])).toEqual([
      ["build", true],
      ["check", true],
    ]);
    expect(timeline.critical_path).toEqual([jobs["build"], jobs["check"]]);
    const check = await get(`/v1/jobs/${jobs["check"]}/timeline`);
    expect(check).toEqual(timeline.jobs[1]);
    expect(check.attempts.map(({ attempt, retry }: Json) => [attempt, retry?.reason ?? null])).toEqual([
      [1, "step_failed"],
      [2, null],
    ]);
    const steps = check.spans.filter(({ kind }: Json) => kind === "step");
    expect(steps.map(({ step, attempt, status }: Json) => `${step} ${attempt} ${status}`)).toEqual([
      "look 1 success",
      "compile 1 failed",
      "look 2 success",
      "compile 2 failed",
    ]);
    const times = check.spans.flatMap(({ started_at, finished_at }: Json) => [started_at, finished_at]);
    expect(times).toEqual(times.toSorted());
    expect(check.ready_at).toBe(timeline.jobs[0].finished_at);
  });

  test("the environment has what was given, and of secrets the names", async () => {
    const environment = await get(`/v1/pipeline-runs/${run}/environment`);
    const variables = Object.fromEntries(environment.variables.map((each: Json) => [each.name, each]));
    expect(variables).toMatchObject({
      EXTRA: { value: "1", source: "given", is_template: false },
      level: { value: "high", source: "input" },
      COLOUR: { value: "blue", source: "file" },
      GREETING: { is_template: true, source: "file" },
      BRANCH_NAME: { value: "main", source: "git" },
    });
    expect(environment.secrets).toEqual(["API_KEY"]);
    expect(environment.jobs[0]).toMatchObject({
      id: jobs["build"],
      outputs: { VERSION: "1.2" },
      variables: [{ name: "MODE", value: "fast", source: "file" }],
    });
    expect(JSON.stringify(environment)).not.toContain("hunter2");
  });

  test("its logs are searched, looked through for problems, and downloaded", async () => {
    const log = `/v1/jobs/${jobs["check"]}/logs`;
    const { items, total_lines: total } = await get(log);
    const texts: string[] = items.map(({ text }: Json) => text);
    const numbers = (wanted: RegExp): number[] => texts.flatMap((text, at) => (wanted.test(text) ? [at] : []));
    const common = { next_line: total, total_lines: total, is_complete: true };
    expect(await get(`${log}/search?q=LINE`)).toEqual({ lines: numbers(/line/i), ...common });
    expect(await get(`${log}/search?q=LINE&case_sensitive=true`)).toEqual({ lines: [], ...common });
    expect(await get(`${log}/search?q=${encodeURIComponent("^line [23]$")}&regex=true`)).toEqual({
      lines: numbers(/^line [23]$/),
      ...common,
    });
    const first = await get(`${log}/search?q=line&limit=2`);
    expect(first).toMatchObject({ lines: numbers(/line/i).slice(0, 2), is_complete: false });
    const rest = await get(`${log}/search?q=line&from=${first.next_line}`);
    expect([...first.lines, ...rest.lines]).toEqual(numbers(/line/i));
    expect((await (await server.get(`${log}/search?q=(&regex=true`)).json()) as Json).toMatchObject({
      code: "API_LOG_PATTERN",
    });

    const problems = await get(`${log}/problems`);
    const [early, late] = numbers(/main\.c:3/);
    expect(problems.items.map(({ line, rule }: Json) => [line, rule])).toEqual(
      expect.arrayContaining([
        [early, "compiler_error"],
        [late, "compiler_error"],
        [numbers(/warning: old/)[0], "level_warning"],
      ]),
    );
    // That of the attempt that counts.
    expect(problems.first_error).toMatchObject({ line: late, step: 1, level: "error" });
    expect(problems.sections.reduce((sum: number, { lines }: Json) => sum + lines, 0)).toBe(total);
    expect(problems.sections.map(({ step }: Json) => step)).toEqual([0, 1, 0, 1]);

    const raw = await server.get(`${log}/raw`);
    expect(raw.headers.get("content-disposition")).toBe('attachment; filename="check.log"');
    expect(await raw.text()).toBe(texts.map((text) => `${text}\n`).join(""));
    const stamped = await (await server.get(`${log}/raw?timestamps=true`)).text();
    expect(stamped.split("\n")[0]).toBe(`${items[0].time} ${texts[0]}`);
    expect(await (await server.get(`/v1/jobs/${jobs["build"]}/logs/raw`)).text()).not.toContain("hunter2");
  });

  test("its artifacts are listed with their files, downloaded one by one, verified, and kept for a time", async () => {
    const { items } = await get("/v1/artifacts?name=UT&job=build");
    expect(items).toMatchObject([{ name: "out", job: "build", run_id: run, run_number: 1 }]);
    const [{ id, project_id: project }] = items;
    expect((await get(`/v1/artifacts?project_id=${project}&run_id=${run}`)).items).toEqual(items);
    expect(await get(`/v1/artifacts?run_id=${id}`)).toEqual({ items: [], next_cursor: null });
    expect((await get(`/v1/artifacts?name=${encodeURIComponent("%")}`)).items).toEqual([]);
    expect((await get(`/v1/artifacts?cursor=${id}`)).items).toEqual([]);

    const files = await get(`/v1/artifacts/${id}/files`);
    const hash = createHash("sha256").update("made\n").digest("hex");
    const file = { path: "out", kind: "file", size_bytes: 5, executable: false, sha256: hash, target: null };
    expect(files).toEqual({ items: [file], total: 1, next_after: null });
    expect((await get(`/v1/artifacts/${id}/files?after=out`)).items).toEqual([]);
    const download = await server.get(`/v1/artifacts/${id}/files/content?path=out`);
    expect([download.headers.get("content-disposition"), await download.text()]).toEqual([
      'attachment; filename="out"',
      "made\n",
    ]);
    for (const path of ["../out", "/etc/passwd", "out/x"]) {
      const missing = await server.get(`/v1/artifacts/${id}/files/content?path=${encodeURIComponent(path)}`);
      expect([missing.status, ((await missing.json()) as Json).code]).toEqual([404, "ARTIFACT_FILE_MISSING"]);
    }

    const retention = await get(`/v1/artifacts/${id}/retention`);
    expect(retention).toMatchObject({ decision: "keep", references: [], pressure_level: "normal" });
    const days = (Date.parse(retention.kept_until) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(30);
    const storage = await get("/v1/storage");
    expect(storage).toMatchObject({ pressure_level: "normal", last_cleanup: null, quarantined: 0, is_complete: true });
    expect(storage.projects).toEqual([{ project_id: project, name: "shop", artifacts: 1, bytes: 5 }]);
    expect(storage.thresholds[0]).toMatchObject({ level: "critical", from_percent: 98 });

    const verify = async (): Promise<Json> => await (await server.post(`/v1/artifacts/${id}/verify`, {})).json();
    expect(await verify()).toMatchObject({ result: "valid", contents: 2, problems: [] });
    const { layout } = server.services.artifacts.backend;
    writeFileSync(layout.contentOf(hash), "spoiled");
    expect(await verify()).toMatchObject({ result: "corrupted", problems: [{ content_hash: hash }] });
  });

  test("people are told of what failed of theirs and what they may decide on", async () => {
    const { items } = await get("/v1/projects");
    const project = items[0].id;
    const ann = await signedIn(server, "ann", { [project]: "developer" });
    const eve = await signedIn(server, "eve", { [project]: "approver" });
    const told = async (who: TestCaller, query = ""): Promise<Json> =>
      await (await who.get(`/v1/notifications${query}`)).json();
    expect(await told(ann)).toMatchObject({ approvals: [], failed_runs: [], is_complete: true });
    const waits = { projectId: project, runId: run, kind: "job", digest: "x", authorIds: [], required: 1 } as const;
    const { id } = await server.services.access.approvals.request(systemPrincipal("test"), waits);
    expect((await told(eve)).approvals).toMatchObject([{ id }]);
    expect((await told(ann)).approvals).toEqual([]);
    // The one who started it is a machine.
    expect((await told(server)).failed_runs.map((each: Json) => each.id)).toEqual([run]);
    const later = new Date(Date.now() + 1_000).toISOString();
    expect((await told(server, `?since=${later}`)).failed_runs).toEqual([]);
  });

  test("the repository's hook, the server and its events say what a page needs", async () => {
    const { items } = await get("/v1/pipelines");
    const [{ id, repository_id: repository, repository_url: url }] = items;
    const hook = await get(`/v1/pipelines/${id}/hook`);
    expect(hook.post_receive.script).toBe(
      `#!/bin/sh\nexec waybill hook post-receive --server '${server.url}' --repository '${url}' --token-file /etc/waybill/hook-token\n`,
    );
    expect(hook.webhooks[0]).toMatchObject({
      source: "github",
      url: `${server.url}/webhooks/github?repository=${repository}`,
      events: ["Pushes", "Pull requests"],
    });
    expect(hook.last_delivery).toBeNull();

    const system = await get("/v1/system");
    expect(system).toMatchObject({ database: { kind: "sqlite" }, queue: { runs_waiting: 0, driven_here: 0 } });
    expect(system.executors.items.map(({ name }: Json) => name).toSorted()).toEqual(["docker", "process", "sandbox"]);
    expect(system.executors.items.every(({ available, reason }: Json) => available === (reason === ""))).toBe(true);
    expect(system.database.size_bytes).toBeGreaterThan(10_000);
    expect(system.database.migrations).toContain("0015_web");

    const stream = await server.get("/v1/events?after=0");
    const events = await readEventStream(stream, (seen) => seen.at(-1)?.type === "job.finished");
    const told: Json[] = events.map(({ data }) => JSON.parse(data));
    expect(told.find(({ type }) => type.startsWith("run."))).toMatchObject({
      type: "run.started",
      run_id: run,
      pipeline_id: id,
      job_id: null,
    });
    expect(told.at(-1)).toMatchObject({ job: "build", job_id: jobs["build"], run_id: run, pipeline_id: id });
  });
});
