import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSlipStore } from "@waybill/database";
import { SlipClient, type SlipStore } from "@waybill/slip";
import { systemClock } from "@waybill/core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runSlippy } from "./program.ts";
import { VARIABLES } from "./settings.ts";

let directory: string;
let dsn: string;
let store: SlipStore;
let client: SlipClient;
let count = 0;
/** Of the slip of the test. */
let correlationId: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "waybill-slippy-"));
  dsn = `sqlite://${join(directory, "slips.db")}`;
  store = await openSlipStore(join(directory, "slips.db"));
  client = new SlipClient({ store });
});

afterAll(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

beforeEach(async () => {
  count += 1;
  correlationId = `corr-${count}`;
  const commitSha = String(count).padStart(40, "ab");
  const components = [{ name: "svc-a", dockerfilePath: "" }];
  await client.createSlipForPush({ correlationId, repository: "octo-org/webshop", commitSha, components });
});

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

async function slippy(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Ended> {
  const out = { stdout: "", stderr: "" };
  const exitCode = await runSlippy(args, {
    env: { SLIPPY_CLICKHOUSE_DSN: dsn, SLIPPY_CORRELATION_ID: correlationId, SLIPPY_STEP_NAME: "dev_deploy", ...env },
    clock: systemClock,
    isTerminal: false,
    stdout: (text) => (out.stdout += text),
    stderr: (text) => (out.stderr += text),
    signal,
  });
  const lines = out.stderr.split("\n").filter((line) => line !== "");
  return { exitCode, stdout: out.stdout, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

async function step(name = "dev_deploy"): Promise<unknown> {
  const { status, actor } = (await client.load(correlationId))?.steps[name] ?? {};
  return [status, actor];
}

async function history(): Promise<readonly string[]> {
  const entries = (await client.load(correlationId))?.stateHistory ?? [];
  return entries
    .filter(({ actor }) => actor !== "slippy-library")
    .map(({ status, message }) => `${status}: ${message}`);
}

const NOTHING = { SLIPPY_PREREQUISITES: "," };

describe("settings that are missing or wrong", () => {
  test.each([
    [[], { SLIPPY_HOLD_TIMEOUT: "60" }, "invalid SLIPPY_HOLD_TIMEOUT: "],
    [[], { SLIPPY_POLL_INTERVAL: "x" }, "invalid SLIPPY_POLL_INTERVAL: "],
    [[], {}, "SLIPPY_MODE is required (must be 'pre' or 'post')"],
    [[], { SLIPPY_MODE: "both" }, "SLIPPY_MODE must be 'pre' or 'post', got 'both'"],
    [["both"], {}, "SLIPPY_MODE must be 'pre' or 'post', got 'both'"],
    [["pre"], { SLIPPY_CORRELATION_ID: "" }, "SLIPPY_CORRELATION_ID is required"],
    [["pre"], { SLIPPY_CORRELATION_ID: "", SLIPPY_REPOSITORY: "a/b" }, "SLIPPY_CORRELATION_ID is required"],
    [["pre"], { SLIPPY_STEP_NAME: "" }, "SLIPPY_STEP_NAME is required"],
    [["pre"], { SLIPPY_CLICKHOUSE_DSN: "" }, "SLIPPY_CLICKHOUSE_DSN is required"],
    [["pre"], { SLIPPY_ANCESTRY_DEPTH: "-1" }, "invalid SLIPPY_ANCESTRY_DEPTH: "],
    [["pre"], { SLIPPY_ON_MISSING_SLIP: "wait" }, "SLIPPY_ON_MISSING_SLIP must be 'fail' or 'proceed'"],
    [["pre"], { SLIPPY_PIPELINE_CONFIG: "{}" }, "steps should be a list"],
    [["pre"], { SLIPPY_CLICKHOUSE_DSN: "redis://u:s3cret@cache" }, "its address begins with no scheme that is known"],
    [["pre"], { SLIPPY_CLICKHOUSE_DSN: "sqlite://" }, "a SQLite address has a path"],
    [["pre"], { SLIPPY_CLICKHOUSE_DSN: "postgres://u:s3cret@127.0.0.1:1/x" }, "There is no connection to the database"],
    [["pre", "now"], {}, "unknown argument: now"],
  ])("%j %j", async (args, env: Readonly<Record<string, string>>, message) => {
    const { exitCode, lines } = await slippy(args, env);
    expect(exitCode).toBe(1);
    expect(lines.at(-1)).toMatchObject({ level: "error", msg: expect.stringContaining(message) as string });
    expect(JSON.stringify(lines)).not.toContain("s3cret");
    const shadow = await slippy(args, { ...env, SLIPPY_SHADOW_MODE: "true" });
    if (args.length < 2) expect(shadow.exitCode).toBe(0);
  });

  test("the mode may come from either side", async () => {
    expect((await slippy([], { ...NOTHING, SLIPPY_MODE: "pre" })).exitCode).toBe(0);
    expect(await step()).toEqual(["running", "slippy-pre"]);
  });
});

describe("slippy pre", () => {
  test("lets a step run that waits for nothing, on purpose or by the route", async () => {
    const { exitCode, lines } = await slippy(["pre"], { ...NOTHING, SLIPPY_WORKFLOW_NAME: "deploy-1" });
    expect(exitCode).toBe(0);
    expect(lines[0]).toMatchObject({
      level: "info",
      ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      msg: "slippy pre",
      correlation_id: correlationId,
      step: "dev_deploy",
      workflow: "deploy-1",
    });
    expect(Object.keys(lines[0] ?? {}).slice(0, 3)).toEqual(["level", "ts", "msg"]);
    expect(lines[0]).not.toHaveProperty("component");
    expect(lines.some(({ level, msg }) => level === "warn" && msg === "this step waits for nothing")).toBe(true);
    expect(await history()).toEqual(["running: "]);
  });

  test("lets it run once all it waits for has completed", async () => {
    await client.completeStep(correlationId, "push_parsed");
    const env = { SLIPPY_STEP_NAME: "build", SLIPPY_COMPONENT_NAME: "svc-a" };
    expect((await slippy(["pre"], env)).exitCode).toBe(0);
    expect((await client.load(correlationId))?.components[0]?.statuses["build"]).toBe("running");
  });

  test("does not where a prerequisite has failed", async () => {
    await client.failStep(correlationId, "builds_completed", "", "x");
    const { exitCode, lines } = await slippy(["pre"], { SLIPPY_PREREQUISITES: " builds_completed , dev_tests" });
    expect(exitCode).toBe(1);
    expect(lines.at(-1)).toMatchObject({ level: "error", outcome: "skip" });
    expect(await history()).toEqual(["aborted: upstream prerequisites failed: [builds_completed]"]);
  });

  test("does not where it took too long", async () => {
    const env = { SLIPPY_PREREQUISITES: "dev_tests", SLIPPY_HOLD_TIMEOUT: "100ms", SLIPPY_POLL_INTERVAL: "20ms" };
    expect((await slippy(["pre"], env)).exitCode).toBe(1);
    expect(await history()).toEqual([
      "held: waiting for: [dev_tests]",
      "timeout: hold timeout waiting for: [dev_tests]",
    ]);
  });

  test("holds, and goes on when the last one completes", async () => {
    const env = { SLIPPY_PREREQUISITES: "dev_tests", SLIPPY_POLL_INTERVAL: "20ms" };
    const running = slippy(["pre"], env);
    await until(async () => (await history()).length > 0);
    await client.completeStep(correlationId, "dev_tests");
    expect((await running).exitCode).toBe(0);
    expect(await history()).toEqual(["held: waiting for: [dev_tests]", "running: "]);
  });

  test("fails where there is no slip, unless that is let through", async () => {
    const env = { ...NOTHING, SLIPPY_CORRELATION_ID: "nobody" };
    const { exitCode, lines } = await slippy(["pre"], env);
    expect(exitCode).toBe(1);
    expect(lines.at(-1)).toMatchObject({ msg: "slip not found: nobody", code: "SLIP_NOT_FOUND" });
    expect((await slippy(["pre"], { ...env, SLIPPY_ON_MISSING_SLIP: "proceed" })).exitCode).toBe(0);
    const shadow = await slippy(["pre"], { ...env, SLIPPY_SHADOW_MODE: "true" });
    expect(shadow.exitCode).toBe(0);
    expect(shadow.lines.some(({ msg }) => String(msg).startsWith("[SHADOW] No slip found, would proceed anyway"))).toBe(
      true,
    );
  });

  test("goes on in shadow mode, and says what it would have done", async () => {
    const { exitCode, lines } = await slippy(["pre"], { SLIPPY_SHADOW_MODE: "true" });
    expect(exitCode).toBe(0);
    expect(lines.find(({ level }) => level === "warn")?.["msg"]).toMatch(/^\[SHADOW\] dev_deploy would be held/);
    expect(await step()).toEqual(["running", "slippy-pre"]);
  });

  test("goes on where slips are switched off, whatever else is wrong, and for repositories left out", async () => {
    const off = { SLIPPY_ENABLED: "false", SLIPPY_CLICKHOUSE_DSN: "", SLIPPY_STEP_NAME: "", SLIPPY_HOLD_TIMEOUT: "x" };
    expect((await slippy(["pre"], off)).exitCode).toBe(0);
    expect((await slippy(["post"], off)).exitCode).toBe(0);
    const out = { SLIPPY_ENABLED_REPOSITORIES: "*,!octo-org/webshop", SLIPPY_REPOSITORY: "octo-org/webshop" };
    expect((await slippy(["pre"], out)).exitCode).toBe(0);
    expect(await history()).toEqual([]);
  });

  test("finds the slip by an image tag, and hands its id on", async () => {
    const file = join(directory, "id");
    const env = {
      ...NOTHING,
      SLIPPY_CORRELATION_ID: "",
      SLIPPY_REPOSITORY: "octo-org/webshop",
      SLIPPY_IMAGE_TAG: `webshop:v1-${String(count).padStart(40, "ab")}`,
      SLIPPY_CORRELATION_ID_FILE: file,
    };
    expect((await slippy(["pre"], env)).exitCode).toBe(0);
    expect(readFileSync(file, "utf8")).toBe(`${correlationId}\n`);
  });

  test("names of steps and components cannot do harm", async () => {
    const env = { ...NOTHING, SLIPPY_STEP_NAME: "x'; drop table routing_slips;--\u001b[2J" };
    const { exitCode, lines } = await slippy(["pre"], env);
    expect(exitCode).toBe(1);
    expect(lines.at(-1)).toMatchObject({ code: "SLIP_STEP_UNKNOWN" });
    const text: string[] = [];
    await runSlippy(["pre"], {
      env: { SLIPPY_LOG_FORMAT: "text", SLIPPY_MODE: "\u001b[2J\nx", SLIPPY_STEP_NAME: "\u001b]0;x\u0007" },
      clock: systemClock,
      isTerminal: true,
      stdout: () => undefined,
      stderr: (line) => text.push(line),
      signal: new AbortController().signal,
    });
    // eslint-disable-next-line no-control-regex -- what must not be there
    expect(text.join("")).not.toMatch(/[\u0000-\u0009\u001b\u0007]/);
  });
});

describe("slippy post", () => {
  test.each([
    ["Succeeded", "", "completed: workflow completed successfully"],
    ["Failed", '[{"message": "exit 1"}]', 'failed: [{"message": "exit 1"}]'],
    ["Failed", "", "failed: workflow failed"],
    ["Error", "x", "error: workflow encountered an error"],
    ["", "", "error: unknown workflow status: "],
  ])("%s %s", async (ARGO_WORKFLOW_STATUS, ARGO_WORKFLOW_FAILURE_MESSAGE, expected) => {
    const { exitCode } = await slippy(["post"], { ARGO_WORKFLOW_STATUS, ARGO_WORKFLOW_FAILURE_MESSAGE });
    expect(exitCode).toBe(0);
    expect(await history()).toEqual([expected]);
  });

  test("keeps what pre has written where the workflow only failed for that", async () => {
    await client.failStep(correlationId, "dev_tests", "", "x");
    await slippy(["pre"], { SLIPPY_PREREQUISITES: "dev_tests" });
    expect((await slippy(["post"], { ARGO_WORKFLOW_STATUS: "Failed" })).exitCode).toBe(0);
    expect(await step()).toEqual(["aborted", "slippy-pre"]);
  });

  test("fails where there is no slip, but not in shadow mode", async () => {
    const env = { SLIPPY_CORRELATION_ID: "nobody", ARGO_WORKFLOW_STATUS: "Succeeded" };
    expect((await slippy(["post"], env)).exitCode).toBe(1);
    expect((await slippy(["post"], { ...env, SLIPPY_SHADOW_MODE: "true" })).exitCode).toBe(0);
  });
});

test("--help names every variable", async () => {
  const { exitCode, stdout } = await slippy(["--help"]);
  expect(exitCode).toBe(0);
  for (const [name] of VARIABLES) expect(stdout).toContain(`  ${name} `);
});

test("SIGTERM during a hold aborts the step, and the process ends with 1", async () => {
  const child = spawn(process.execPath, ["--", join(import.meta.dirname, "main.ts"), "pre"], {
    env: {
      PATH: process.env["PATH"],
      SLIPPY_DSN: dsn,
      SLIPPY_CORRELATION_ID: correlationId,
      SLIPPY_STEP_NAME: "dev_deploy",
      SLIPPY_PREREQUISITES: "dev_tests",
    },
    stdio: "ignore",
  });
  const exited = new Promise((resolve) => void child.once("exit", resolve));
  await until(async () => (await history()).length > 0);
  child.kill("SIGTERM");
  expect(await exited).toBe(1);
  expect(await history()).toEqual(["held: waiting for: [dev_tests]", "aborted: context cancelled"]);
  expect(existsSync(join(directory, "slips.db"))).toBe(true);
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => void systemClock.setTimer(20, () => resolve(null)));
}
