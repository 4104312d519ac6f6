import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { systemClock } from "@waybill/core";
import {
  canStagedRunTransition,
  canStageTransition,
  DEFAULT_PLACE,
  NO_OUTPUT,
  PHASES,
  STAGE_STATES,
  STAGED_RUN_STATES,
  type Observation,
} from "@waybill/engine";
import { processExecutor } from "@waybill/executors";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openBrowser, openSignedIn } from "../browser/support/browser.ts";
import { stagesOf } from "../container/support/dockerfile.ts";
import { repositoryRoot } from "../support/repository.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { runCommand, waybill, type CommandResult } from "../support/waybill.ts";
import { otherPipelines } from "./support/staged-pipeline.ts";
import { stagedServer, type Json, type StagedServer } from "./support/staged-server.ts";

// The plan of the build, test and deploy server has 28 items. Those of a process of its own are in
// build-test-deploy-processes.test.ts; 12, the Kubernetes executor, and what else needs a cluster are not built.

const NOBODY = "00000000-0000-4000-8000-000000000000";
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describeWith("git", "the plan of the build, test and deploy server", () => {
  let staged: StagedServer;
  let failed: Promise<Json> | undefined;
  const failing = (): Promise<Json> => (failed ??= staged.finish("failing"));
  beforeAll(async () => {
    staged = await stagedServer();
  });
  afterAll(() => staged.close());

  /** An artifact of the run by the name of its job and its own. */
  const artifactOf = (job: string, name: string): Json =>
    staged.jobs[job].artifacts.find((artifact: Json) => artifact.name === name);
  const download = async (id: string): Promise<Response> => await staged.server.get(`/v1/artifacts/${id}/download`);

  async function unpacked(response: Response, path: string): Promise<string> {
    const directory = await temporaryDirectory();
    writeFileSync(join(directory, "a.tar"), Buffer.from(await response.arrayBuffer()));
    return (await runCommand("tar", ["-xOf", "a.tar", path], { cwd: directory })).stdout;
  }

  test("item 1: .shipinator.yaml is loaded into build, test and deploy, and what is no part of it is refused with its line", async () => {
    const [, definition] = await staged.call("GET", `/v1/pipeline-runs/${staged.run.id}/definition`);
    const told = JSON.stringify(definition);
    for (const word of ["compile", "pack", "unit", "style", "acceptance", "TEXT"]) expect(told).toContain(`"${word}"`);
    const [status, problem] = await staged.call("POST", `/v1/pipelines/${staged.pipelines["mistaken"]}/runs`, {});
    expect([status, problem.code]).toEqual([422, "PIPELINE_FILE_INVALID"]);
    expect(problem.detail).toContain('Missing required field "run"');
    const cwd = await temporaryDirectory();
    writeFileSync(join(cwd, ".shipinator.yaml"), otherPipelines(cwd)["mistaken/.shipinator.yaml"] ?? "");
    const lint = await waybill(["lint", "--json"], { cwd });
    expect(JSON.parse(lint.stdout).errors).toMatchObject([
      { code: "PIPELINE_MISSING_FIELD", line: 2, path: "build.steps[0].run" },
      { code: "PIPELINE_UNKNOWN_KEY", line: 2, path: "build.steps[0].script" },
    ]);
  });

  test("item 5: projects, repositories, pipelines and runs are stored, found, listed, and no name is given twice", async () => {
    const [, pipeline] = await staged.call("GET", `/v1/pipelines/${staged.pipelines["shop"]}`);
    expect(pipeline).toMatchObject({
      name: "shop",
      repository_url: staged.repository.url,
      default_branch: "main",
      config_path: ".shipinator.yaml",
    });
    const [, project] = await staged.call("GET", `/v1/projects/${pipeline.project_id}`);
    expect(project).toMatchObject({ name: "shop", id: pipeline.project_id });
    expect((await staged.call("POST", "/v1/projects", { name: "shop" }))[0]).toBe(409);
    const again = { project_id: project.id, name: "shop", repository_url: staged.repository.url };
    expect((await staged.call("POST", "/v1/pipelines", again))[0]).toBe(409);
    const [, { items }] = await staged.call("GET", `/v1/pipelines?project_id=${project.id}`);
    expect(items.map(({ name }: Json) => name)).toEqual(Object.keys(staged.pipelines));
    for (const path of ["projects", "pipelines", "pipeline-runs"]) {
      expect((await staged.call("GET", `/v1/${path}/${NOBODY}`))[0]).toBe(404);
    }
  });

  test("item 6: the metadata of an artifact is created by a job, got by its id and listed by job", async () => {
    const app = artifactOf("build", "app");
    const [, metadata] = await staged.call("GET", `/v1/artifacts/${app.id}/metadata`);
    expect(metadata).toEqual({ ...app, run_id: staged.run.id });
    expect(metadata).toMatchObject({ job_id: staged.jobs["build"].id, job: "build", file_count: 1, size_bytes: 11 });
    expect(metadata.content_hash).toMatch(/^(?:sha256:)?[0-9a-f]{64}$/);
    expect(staged.jobs["test-style"].artifacts).toEqual([]);
  });

  test("item 7: a stage goes PENDING, RUNNING, and SUCCEEDED or FAILED, and no other way", () => {
    const valid = new Set(["PENDING RUNNING", "RUNNING SUCCEEDED", "RUNNING FAILED"]);
    for (const from of STAGE_STATES) {
      for (const to of STAGE_STATES) {
        expect([from, to, canStageTransition(from, to)]).toEqual([from, to, valid.has(`${from} ${to}`)]);
      }
    }
    for (const type of ["build", "test"]) {
      const states = staged.seen.map(({ stages }) => stages.find((stage: Json) => stage.stage_type === type).state);
      expect([...new Set(states)].slice(-2)).toEqual(["RUNNING", "SUCCEEDED"]);
      for (const [index, to] of states.entries()) {
        const from = states[index - 1] ?? "PENDING";
        expect(from === to || canStageTransition(from, to)).toBe(true);
      }
    }
  });

  test("item 8: a run goes PENDING, RUNNING, and SUCCESS, FAILED or CANCELED, as its stages say", async () => {
    const valid = "PENDING RUNNING|PENDING CANCELED|RUNNING SUCCESS|RUNNING FAILED|RUNNING CANCELED".split("|");
    for (const from of STAGED_RUN_STATES) {
      for (const to of STAGED_RUN_STATES) {
        expect([from, to, canStagedRunTransition(from, to)]).toEqual([from, to, valid.includes(`${from} ${to}`)]);
      }
    }
    expect(staged.run).toMatchObject({ status: "success", progress: { status: "SUCCESS" } });
    expect((await failing()).progress).toEqual({
      status: "FAILED",
      // Where it failed.
      phase: "TESTING",
      stages: [
        { stage_type: "build", state: "SUCCEEDED", reason: null },
        { stage_type: "test", state: "FAILED", reason: "step_failed" },
      ],
    });
    const ended = staged.finish("endless");
    const [run] = await untilRunning(staged.pipelines["endless"] ?? "");
    expect((await staged.call("POST", `/v1/pipeline-runs/${run.id}/cancel`))[0]).toBe(202);
    expect((await ended).progress).toEqual({
      status: "CANCELED",
      phase: "BUILDING",
      stages: [{ stage_type: "build", state: "FAILED", reason: "canceled" }],
    });
  });

  async function untilRunning(pipeline: string): Promise<Json> {
    for (;;) {
      const [, { items }] = await staged.call("GET", `/v1/pipelines/${pipeline}/runs?status=running`);
      if (items.length > 0) return items;
      await setTimeout(10);
    }
  }

  test("item 9: the orchestrator takes a run through its phases in order, and leaves out stages that it does not have", async () => {
    const phases = staged.seen.flatMap(({ phase }) => phase ?? []);
    expect(phases).toEqual(phases.toSorted((one, other) => PHASES.indexOf(one) - PHASES.indexOf(other)));
    expect(new Set(phases)).toEqual(new Set([...phases, "BUILDING", "TESTING", "TESTED"]));
    expect(phases.at(-1)).toBe("TESTED");
    const { status, progress } = await staged.finish("only-test");
    expect([status, progress.phase]).toEqual(["success", "TESTED"]);
    expect(progress.stages).toEqual([{ stage_type: "test", state: "SUCCEEDED", reason: null }]);
  });

  test("item 10: an executor takes a specification once however often it is submitted, says how it stands, and cancels", async () => {
    const directory = await temporaryDirectory();
    const workspace = await temporaryDirectory();
    const open = (): ReturnType<typeof processExecutor> =>
      processExecutor({ directory, hostEnvironment: process.env, clock: systemClock });
    const executionId = "018f0000-0000-7000-8000-000000000001";
    const about = {
      executionId,
      runId: "r",
      jobName: "j",
      attempt: 1,
      workspace,
      images: [null],
      place: DEFAULT_PLACE,
    };
    const executor = open();
    await executor.submit(about);
    await executor.submit(about);
    expect((await executor.list()).map((execution) => execution.executionId)).toEqual([executionId]);
    const step = { index: 0, attempt: 1 };
    const script = ["echo begun >>begun; echo up; sleep 60"];
    await executor.startStep(executionId, {
      ...step,
      name: "s",
      script,
      image: null,
      environment: {},
      workingDirectory: "",
    });
    const seen: Observation[] = [];
    // Another one, as after a restart: what is known of the execution is not in our memory.
    for await (const observation of open().observeStep(executionId, step, NO_OUTPUT)) {
      seen.push(observation);
      // A shell may say that it was ended.
      if (observation.type !== "output" || seen.length > 1) continue;
      expect((await executor.status(executionId)).state).toBe("running");
      await executor.stopStep(executionId, 5_000);
    }
    expect(seen.at(-1)).toMatchObject({ type: "finished", signal: "SIGTERM" });
    await executor.close(executionId);
    expect((await executor.status(executionId)).state).toBe("unknown");
    expect(readFileSync(join(workspace, "begun"), "utf8")).toBe("begun\n");
  });

  test("item 11: the local executor takes a pushed commit through the whole loop without a cluster", async () => {
    expect(staged.run).toMatchObject({ trigger: "push", git_sha: staged.pushed, status: "success" });
    const executions = await staged.server.services.store.executions(staged.run.id);
    expect(executions.map(({ executor }) => executor)).toEqual(["process", "process", "process", "process"]);
    expect(Object.values(staged.jobs).map(({ name, attempts }) => [name, attempts])).toEqual([
      ["build", 1],
      ["test-unit", 1],
      ["test-style", 1],
      ["test-acceptance", 1],
    ]);
  });

  test("item 13: what a step has put into the artifact store is got by its id, and nothing by another", async () => {
    expect(await unpacked(await download(artifactOf("build", "app").id), "bin/app")).toBe("echo built\n");
    expect((await download(NOBODY)).status).toBe(404);
    for (const id of ["..%2F..%2Fwaybill.db", "app", `${artifactOf("build", "app").id}x`]) {
      expect((await download(id)).status).toBe(400);
    }
  });

  test("item 14: artifacts are files below the directory that is set, whole or not there, and checked when they are read", async () => {
    const { id, content_hash: hash } = artifactOf("test-unit", "coverage");
    const files = readdirSync(staged.store, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter(({ name }) => /\.(?:new|tmp|partial)/.test(name))).toEqual([]);
    const kept = files.filter((entry) =>
      join(entry.parentPath, entry.name).includes(hash.replace("sha256:", "").slice(2)),
    );
    expect(kept.length).toBeGreaterThan(0);
    for (const entry of kept) writeFileSync(join(entry.parentPath, entry.name), "something else");
    const spoilt = await download(id).then(
      async (response) => [response.status, await response.text().catch(() => "broken off")],
      () => ["broken off"],
    );
    expect(JSON.stringify(spoilt)).toMatch(/ARTIFACT_|broken off/);
    expect(await unpacked(await download(artifactOf("build", "chart").id), "chart.tgz")).toBe("chart\n");
  });

  test("item 15: the build stage's steps become executions, and the files among its outputs artifacts", async () => {
    const { steps, artifacts, status } = staged.jobs["build"];
    expect(status).toBe("success");
    expect(steps.map(({ name, exit_code: code }: Json) => [name, code])).toEqual([
      ["compile", 0],
      ["pack", 0],
    ]);
    // The image is in its registry already: it is a reference, not a file.
    expect(artifacts.map(({ name }: Json) => name)).toEqual(["app", "chart"]);
  });

  test("item 16: test steps of a parallel group run side by side, groups one after the other, and keep their reports", async () => {
    const time = (job: string, field: string): number => Date.parse(staged.jobs[job][field]);
    // Each waits for a file that the other makes.
    for (const [one, other] of [
      ["test-unit", "test-style"],
      ["test-style", "test-unit"],
    ] as const) {
      expect(time(one, "started_at")).toBeLessThanOrEqual(time(other, "finished_at"));
      expect(time("test-acceptance", "started_at")).toBeGreaterThanOrEqual(time(one, "finished_at"));
    }
    expect(artifactOf("test-unit", "coverage")).toMatchObject({ file_count: 1, job: "test-unit" });
    // What was built was handed on.
    const [, log] = await staged.call("GET", `/v1/jobs/${staged.jobs["test-acceptance"].id}/logs`);
    expect(log.items.map(({ text }: Json) => text)).toEqual(["accepted"]);

    const { id } = await failing();
    const [, { items }] = await staged.call("GET", `/v1/pipeline-runs/${id}/jobs`);
    expect(items.slice(1).map(({ name, status, reason }: Json) => [name, status, reason])).toEqual([
      ["test-broken", "failed", "step_failed"],
      ["test-beside", "success", null],
      ["test-behind", "cancelled", "dependency_failed"],
    ]);
    expect(readdirSync(staged.root)).toContain("settled");
    expect(readdirSync(staged.root)).not.toContain("behind");
  });

  test("item 17: a deployment takes what was built, and is refused where it names source or a path", async () => {
    const runs = `/v1/pipelines/${staged.pipelines["from-source"]}/runs`;
    const [status, problem] = await staged.call("POST", runs, {});
    expect([status, problem.code]).toEqual([422, "PIPELINE_FILE_INVALID"]);
    expect(problem.detail).toMatch(/SHIPINATOR_DEPLOY_NO_ARTIFACT: .*"deploy\/"/);
    const smuggled = await staged.call("POST", `/v1/pipelines/${staged.pipelines["shop"]}/runs`, { source: "/etc" });
    expect(smuggled[0]).toBe(400);
  });

  test("item 18: the services of the .proto file control runs, read artifacts and take reports", async () => {
    const rpc = async (procedure: string, body: object, token = staged.server.token): Promise<Json> => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const url = `${staged.server.url}/waybill.v1.${procedure}`;
      return await (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).json();
    };
    const { run } = await rpc("PipelineControlService/GetRun", { runId: staged.run.id });
    expect(run).toMatchObject({ id: staged.run.id, status: "success", gitSha: staged.pushed });
    const app = artifactOf("build", "app");
    const { artifact } = await rpc("ArtifactService/GetArtifactMetadata", { artifactId: app.id });
    expect(artifact).toMatchObject({ name: "app", contentHash: app.content_hash });
    const [, second] = await staged.server.services.store.executions(staged.run.id);
    const id = second?.id ?? "";
    // As the engine knows it: reported late, it changes nothing.
    const report = { executionId: id, status: "SUCCEEDED" };
    const token = staged.server.services.executionTokens.issue(id);
    expect(await rpc("ExecutorCallbackService/ReportStatus", report, token)).toMatchObject({ id });
    expect(await rpc("ExecutorCallbackService/ReportStatus", report, "none")).toMatchObject({
      code: "unauthenticated",
    });
    const declared = readFileSync(join(repositoryRoot, "api/v1/waybill.proto"), "utf8");
    for (const service of ["PipelineControlService", "ArtifactService", "ExecutorCallbackService"]) {
      expect(declared).toContain(`service ${service} {`);
    }
  });

  test("item 19: the six paths answer as they are written, and an executor may report as often as it likes", async () => {
    const [created, started] = await staged.call("POST", `/v1/pipelines/${staged.pipelines["only-test"]}/runs`, {});
    expect([created, started.status]).toEqual([201, "pending"]);
    expect((await staged.call("GET", `/v1/pipeline-runs/${started.id}`))[1].id).toBe(started.id);
    expect((await staged.call("GET", `/v1/pipeline-runs/${started.id}/jobs`))[1].items[0].stage_type).toBe("test");
    const { id: artifact } = artifactOf("build", "chart");
    expect((await staged.call("GET", `/v1/artifacts/${artifact}/metadata`))[0]).toBe(200);
    expect((await download(artifact)).headers.get("content-type")).toBe("application/x-tar");
    const [, running] = await staged.call("POST", `/v1/pipelines/${staged.pipelines["endless"]}/runs`, {});
    await untilRunning(staged.pipelines["endless"] ?? "");
    const { store } = staged.server.services;
    const executionOf = async (run: string): Promise<string> => {
      for (;;) {
        const [first] = await store.executions(run);
        if (first !== undefined) return first.id;
        await setTimeout(10);
      }
    };
    const report = async (id: string, body: unknown): Promise<unknown> => {
      expect(id).toMatch(UUID);
      const token = staged.server.services.executionTokens.issue(id);
      const executor = staged.server.as({ authorization: `Bearer ${token}` });
      const response = await executor.post(`/v1/executions/${id}/status`, body);
      const answer: Json = await response.json();
      return [response.status, answer.changed ?? answer.code];
    };
    const open = await executionOf(running.id);
    expect(await report(open, { status: "RUNNING" })).toEqual([200, true]);
    expect(await report(open, { status: "RUNNING" })).toEqual([200, false]);
    expect(await report(open, { status: "DONE" })).toEqual([400, "API_INVALID"]);
    await staged.call("POST", `/v1/pipeline-runs/${running.id}/cancel`);
    const over = await executionOf(staged.run.id);
    expect(await report(over, { status: "SUCCEEDED", exit_code: 0 })).toEqual([200, false]);
    expect(await report(over, { status: "FAILED" })).toEqual([409, "EXECUTION_TRANSITION"]);
    // What is reported twice, or late, moves nothing.
    const { progress } = (await staged.call("GET", `/v1/pipeline-runs/${staged.run.id}`))[1];
    expect(progress).toEqual(staged.run.progress);
    expect((await staged.call("POST", `/v1/pipelines/${NOBODY}/runs`, {}))[0]).toBe(404);
    expect((await staged.call("POST", `/v1/pipelines/${staged.pipelines["shop"]}/runs`, { ref: 7 }))[0]).toBe(400);
  });

  test("item 23: each line of the log about a job has its job_id, pipeline_run_id and stage_type", () => {
    const lines: Json[] = staged.server.logged.map((line) => JSON.parse(line));
    const ofRun = lines.filter((line) => line.pipeline_run_id === staged.run.id && "job_id" in line);
    expect(ofRun.length).toBeGreaterThanOrEqual(8);
    for (const line of ofRun) {
      const job = staged.jobs[line.job_name];
      expect([line.job_id, line.stage_type]).toEqual([job.id, line.job_name === "build" ? "build" : "test"]);
    }
  });

  test("item 24: the image that jobs of a cluster run in is pinned, is not root's, and has what they need", () => {
    const text = readFileSync(join(repositoryRoot, "builders/builder.Dockerfile"), "utf8");
    const images = [...text.matchAll(/^ARG \w+_IMAGE=(\S+)$/gm)].map(([, image]) => image ?? "");
    expect(images).toHaveLength(3);
    for (const image of images) expect(image).toMatch(/^[\w./-]+:\d+\.\d+\.\d+[\w.-]*$/);
    const stages = stagesOf(text);
    for (const [from] of stages) expect(from?.text).toMatch(/^\$\{\w+_IMAGE\}(?: AS \w+)?$/);
    const last = stages.at(-1) ?? [];
    const all = (name: string): string => last.flatMap((each) => (each.name === name ? [each.text] : [])).join("\n");
    expect(all("USER")).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(all("RUN")).toMatch(/'buildah=\d/);
    expect(all("COPY")).toContain("--from=go /usr/local/go /usr/local/go");
    expect(all("COPY")).toContain("--from=kubernetes /usr/bin/helm /usr/bin/kubectl /usr/local/bin/");
    // Nothing is given to whoever builds it, and nothing is fetched past the images and Debian.
    expect(text).not.toMatch(/curl|wget|ADD |--privileged|:latest/);
  });

  test("item 25: the command line triggers, shows, reads logs and lists, and its exit code is the run's", async () => {
    const environment = { WAYBILL_SERVER: staged.server.url, WAYBILL_TOKEN: staged.server.token };
    const cwd = await temporaryDirectory();
    const run = (...args: readonly string[]): Promise<CommandResult> => waybill(args, { cwd, environment });
    const triggered = await run("trigger", "only-test", "--wait");
    expect(triggered).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("test-unit | tested") });
    expect((await run("trigger", "failing", "--wait")).exitCode).toBe(1);
    const number = String(staged.run.number);
    const [status, logs, list] = await Promise.all([
      run("status", number),
      run("logs", number, "test-acceptance", "--server", staged.server.url),
      run("list", "pipelines", "--json"),
    ]);
    expect(status.stdout).toMatch(/^Run \d+ of \w+: success/);
    expect(logs.stdout).toBe("accepted\n");
    expect(JSON.parse(list.stdout).pipelines.map(({ name }: Json) => name)).toEqual(Object.keys(staged.pipelines));
  });

  describeWith("chromium", "in a browser", () => {
    test("item 26: the web UI shows the runs, and of a run its status, its jobs and what they printed", async () => {
      const browser = await openBrowser();
      onTestFinished(() => browser.close());
      const { page, problems } = await openSignedIn(browser, staged.server);
      const href = `/runs/${staged.run.id}`;
      await page.goto(`${staged.server.url}/?status=success`);
      await page.locator(`a[href^="${href}"]`).first().waitFor();
      await page.goto(staged.server.url + href);
      await page.getByRole("heading", { name: `#${staged.run.number}` }).waitFor();
      for (const job of Object.keys(staged.jobs)) await page.getByText(job, { exact: true }).first().waitFor();
      await page.goto(`${staged.server.url}${href}?job=test-acceptance`);
      await page.getByText("accepted", { exact: true }).first().waitFor();
      expect(problems).toEqual([]);
    });
  });

  test("item 27: this repository's own files of both formats are valid, and build before they test", async () => {
    const lint = await waybill(["lint", ".shipinator.yaml", "--json"], { cwd: repositoryRoot });
    expect(JSON.parse(lint.stdout)).toEqual({ valid: true, errors: [], warnings: [] });
    const plan = JSON.parse((await waybill(["plan", ".shipinator.yaml", "--json"], { cwd: repositoryRoot })).stdout);
    expect(JSON.stringify(plan.levels ?? plan)).toMatch(
      /"build".*"test-lint".*"test-types".*"test-unit".*"test-smoke"/,
    );
    const text = readFileSync(join(repositoryRoot, ".shipinator.yaml"), "utf8");
    const programs = [...text.matchAll(/(?:run: |&& )((?:script|node_modules)\/[\w./-]+)/g)].map(
      ([, path]) => path ?? "",
    );
    expect(programs.length).toBeGreaterThan(3);
    for (const path of programs) expect(readFileSync(join(repositoryRoot, path)).length).toBeGreaterThan(0);
  });
});
