import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { ReportingExecutor } from "../testing/reporting-executor.ts";
import { openTestServer, readEventStream, testRepository, type TestServer } from "../testing/test-server.ts";

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

let root: string;
let server: TestServer;
let executor: ReportingExecutor;
let pipeline: string;
let repository: ReturnType<typeof testRepository>;

async function open(listen = "127.0.0.1:0"): Promise<void> {
  executor = new ReportingExecutor();
  const opened = executor;
  server = await openTestServer(join(root, "data"), { listen }, {}, { openProcess: () => opened });
}

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-reported-")));
  repository = testRepository(root);
  repository.push({ "waybill.yaml": "name: x\njobs:\n  x: { steps: [{ name: x, script: [x] }] }\n" });
  await open();
  const project: Json = await (await server.post("/v1/projects", { name: "shop" })).json();
  const body = { project_id: project.id, name: "build", repository_url: repository.url };
  const created: Json = await (await server.post("/v1/pipelines", body)).json();
  pipeline = created.id;
});

afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

async function start(text: string): Promise<string> {
  repository.push({ "waybill.yaml": `name: shop\njobs:\n${text}` });
  const started: Json = await (await server.post(`/v1/pipelines/${pipeline}/runs`, {})).json();
  return started.id;
}

/** Waits for the end of a run. @returns its jobs by name */
async function jobsAtEnd(run: string): Promise<Json> {
  await readEventStream(await server.get(`/v1/pipeline-runs/${run}/events`));
  const { items }: Json = await (await server.get(`/v1/pipeline-runs/${run}/jobs`)).json();
  return Object.fromEntries(items.map((job: Json) => [job.name, job]));
}

async function linesOf(job: Json): Promise<readonly string[]> {
  const { items }: Json = await (await server.get(`/v1/jobs/${job.id}/logs`)).json();
  return items.map(({ text }: Json) => text);
}

async function report(id: string, token: string, body: unknown): Promise<unknown> {
  const url = `/v1/executions/${id}/status`;
  const response = await server.as({ authorization: `Bearer ${token}` }).send("POST", url, body);
  const answer: Json = await response.json();
  return [response.status, answer.code ?? answer.changed];
}

function specOf(job: string): Json {
  return executor.specs.findLast(({ jobName }) => jobName === job);
}

describeWith("git", "an executor that reports", () => {
  test("is believed where nobody else knows how an execution ended, and not where somebody does", async () => {
    const run = await start(`
  gone: { steps: [{ name: first, script: ["echo made > app"] }, { name: last, script: [cat app] }], artifacts: { app: [app] } }
  failed: { steps: [{ name: first, script: [exit 3] }, { name: last, script: ["true"] }] }
  hung: { steps: [{ name: hang, script: ["true"] }] }
  claimed: { steps: [{ name: claim, script: [exit 4] }] }
  silent: { steps: [{ name: s, script: ["kill -9 $PPID"] }] }
`);
    const { gone, failed, hung, claimed, silent } = await jobsAtEnd(run);
    expect([gone.status, gone.artifacts[0]?.name]).toEqual(["success", "app"]);
    expect(await linesOf(gone)).toContain(
      "The place the job ran in is gone; it was reported as SUCCEEDED, exit code 0: the agent says so",
    );
    expect(failed).toMatchObject({ status: "failed", reason: "step_failed", steps: [{ exit_code: 3 }, {}] });
    expect(hung.status).toBe("success");
    expect(silent).toMatchObject({ status: "failed", reason: "execution_lost" });
    // Its executor saw it end well, whatever its agent says.
    expect(claimed).toMatchObject({ status: "success", steps: [{ exit_code: 0 }] });
    expect(server.logged).toEqual([]);
  });

  test("has a token for each execution, which nothing else gets to see", async () => {
    const run = await start(
      `  one: { steps: [{ name: s, script: ["env > seen; cat /proc/$PPID/environ >> seen", "cp seen ${root}/seen"] }] }\n`,
    );
    await jobsAtEnd(run);
    const { callback } = specOf("one");
    expect(callback.url).toBe(`${server.url}/v1/executions/${specOf("one").executionId}/status`);
    expect(callback.token).toMatch(/^wbe_[0-9a-f]{16}_[0-9a-z]+_[\w-]{43}$/);
    expect(new Set(executor.specs.map((spec) => spec.callback?.token)).size).toBe(executor.specs.length);
    expect(readFileSync(join(root, "seen"), "latin1")).toContain("WAYBILL");
    expect(readFileSync(join(root, "seen"), "latin1")).not.toContain("wbe_");
    const files = readdirSync(join(root, "data"), { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    expect(files.length).toBeGreaterThan(3);
    for (const { parentPath, name } of files) {
      expect([name, readFileSync(join(parentPath, name), "latin1").includes(callback.token)]).toEqual([name, false]);
    }
  });

  test("has an answer to reports that come again, too late, or from somebody else", async () => {
    const { executionId: gone, callback } = specOf("gone");
    const same = { status: "SUCCEEDED", exit_code: 0, message: "the agent says so" };
    expect(await report(gone, callback.token, same)).toEqual([200, false]);
    expect(await report(gone, callback.token, { status: "SUCCEEDED" })).toEqual([200, false]);
    for (const status of ["PENDING", "RUNNING", "FAILED", "CANCELED"]) {
      expect(await report(gone, callback.token, { status })).toEqual([409, "EXECUTION_TRANSITION"]);
    }
    // What contradicts the executor's own word is told so, though it was stored when it came in time.
    const { executionId: claimed, callback: of } = specOf("claimed");
    expect(await report(claimed, of.token, { status: "FAILED", exit_code: 4, message: "the agent says so" })).toEqual([
      200,
      false,
    ]);
    expect(await report(claimed, of.token, { status: "FAILED", exit_code: 5 })).toEqual([409, "EXECUTION_TRANSITION"]);

    const forged = [callback.token.replace(/.$/, "."), callback.token.replace(/_([0-9a-z]+)_/, "_zzzzzzz_"), of.token];
    for (const token of forged) expect(await report(gone, token, same)).toEqual([401, "EXECUTION_TOKEN_INVALID"]);
    const old = server.services.executionTokens.issue(gone, -1_000);
    expect(await report(gone, old, same)).toEqual([401, "EXECUTION_TOKEN_EXPIRED"]);
    expect(await report(gone, callback.token, { status: "SUCCEEDED", exit_code: 1 })).toEqual([400, "API_INVALID"]);
  });

  test("is believed of what happened while there was no server", async () => {
    const go = join(root, "go");
    const run = await start(`
  waits: { steps: [{ name: s, script: ["touch ${root}/up", "until [ -e ${go} ]; do sleep 0.05; done"] }] }
  fails: { steps: [{ name: s, script: ["until [ -e ${go} ]; do sleep 0.05; done", "exit 7"] }] }
`);
    while (!existsSync(join(root, "up"))) await setTimeout(20);
    const { host } = new URL(server.url);
    await server.close();
    writeFileSync(go, "");
    await setTimeout(300);
    await open(host);
    const { waits, fails } = await jobsAtEnd(run);
    // The executor of this server has never heard of them.
    expect(executor.specs).toEqual([]);
    expect(waits.status).toBe("success");
    expect(fails).toMatchObject({ status: "failed", reason: "step_failed", steps: [{ exit_code: 7 }] });
    expect(execFileSync("ps", ["-eo", "args"]).toString()).not.toContain("wbe_");
  });
});
