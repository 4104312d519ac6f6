import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { spawnCli, type CliResult } from "../../testing/spawn-cli.ts";

const PIPELINE = `name: demo
global_env:
  STAGE: it's "quoted" $HOME
  API_TOKEN: tok-123456
  DATABASE: postgres://me:hunter22@db.example/app
  HEADER: "Bearer \${API_TOKEN}"
jobs:
  build:
    artifacts: { out: [out] }
    steps: [{ name: compile, script: [mkdir out, echo built > out/file] }]
  test:
    depends_on: [build]
    steps:
      - name: prepare
        script: [echo "$WORKSPACE" > place]
      - name: check
        working_directory: /workspace/out
        environment: { STATUS: "\${job.build.status}", FILE: "\${WORKSPACE}/out/file" }
        script:
          - cat file "$FILE"
          - echo "$STAGE $STATUS $WAYBILL_JOB $\${LEAKED-clean}"
          - test "$(cat ../place)" = "$WORKSPACE" && exit 7
          - echo never
      - name: after
        script: [echo never]
`;

let cwd: string;
let temporary: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "waybill debug's "));
  // Not in the project: what is copied would change while it is read.
  temporary = await mkdtemp(join(tmpdir(), "waybill-debug-"));
  await writeFile(join(cwd, "waybill.yaml"), PIPELINE);
  const { exitCode, stderr } = await spawnCli(["run"], { cwd });
  if (exitCode !== 1) throw new Error(stderr);
});

afterAll(async () => {
  for (const directory of [cwd, temporary]) await rm(directory, { recursive: true, force: true });
});

function debug(...args: readonly string[]): Promise<CliResult> {
  return spawnCli(["debug", ...args], { cwd });
}

/** As somebody who pastes it into a shell of their own. */
function paste(script: string): Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env["PATH"], LEAKED: "from outside", TMPDIR: temporary };
    execFile("sh", ["-c", script], { env, cwd: "/" }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

describe("waybill debug", () => {
  test("prints commands that end as the step did, in a copy with the same files and variables", async () => {
    const { exitCode, stdout, stderr } = await debug("latest", "test");
    expect(exitCode).toBe(0);
    expect(stderr).toContain('Up to step "check" of job test, run 1');
    expect(await paste(stdout)).toEqual({
      code: 7,
      stdout: `built\nbuilt\nit's "quoted" $HOME SUCCESS test clean\n`,
      stderr: "",
    });
  });

  test("shows no secrets, wherever they stand, and says which", async () => {
    const { stdout, stderr } = await debug("1", "test");
    expect(stdout).not.toMatch(/tok-123456|hunter22/);
    expect(stdout).toContain("API_TOKEN='***'");
    expect(stdout).toContain("DATABASE='postgres://***@db.example/app'");
    expect(stdout).toContain("HEADER='Bearer ***'");
    expect(stderr).toContain("to be put in place of ***: API_TOKEN, DATABASE, HEADER\n");
  });

  test("hides a secret that is given again, in the script too", async () => {
    await writeFile(
      join(cwd, "secret.yaml"),
      "name: s\njobs: { a: { steps: [{ name: s, script: ['false ${MY_KEY}'] }] } }\n",
    );
    await spawnCli(["run", "secret.yaml", "--var", "MY_KEY=abc123xyz"], { cwd });
    const { stdout } = await debug("latest", "a", "--var", "MY_KEY=abc123xyz");
    expect(stdout).toContain("false ***");
    expect(stdout).not.toContain("abc123xyz");
    expect((await spawnCli(["debug", "1", "test"], { cwd })).exitCode).toBe(0);
  });

  test("takes over what the jobs before have handed on, but not what looks like a secret", async () => {
    const pipeline = {
      name: "handed",
      jobs: {
        build: {
          steps: [
            { name: "make", script: [`printf "%s\\n" "V=a'b $(id) c" "DEPLOY_TOKEN=dep-9876" >>"$WAYBILL_OUTPUT"`] },
          ],
        },
        test: {
          depends_on: ["build"],
          environment: {
            VERSION: "${{ job.build.outputs.V }}",
            RENAMED: "as ${{ job.build.outputs.DEPLOY_TOKEN }}",
            KEY: "${{ secrets.DEPLOY }}",
          },
          steps: [{ name: "s", script: ['echo "$V|$VERSION"; echo A=1 >>"$WAYBILL_OUTPUT"; exit 3'] }],
        },
      },
    };
    await writeFile(join(cwd, "handed.yaml"), JSON.stringify(pipeline));
    await writeFile(join(cwd, "deploy"), "DEPLOY=dpl-13579\n", { mode: 0o600 });
    const { stdout: events } = await spawnCli(["run", "handed.yaml", "--json", "--secrets", "deploy"], { cwd });
    const { stdout, stderr } = await debug("latest", "test");
    expect(stdout).not.toMatch(/dep-9876|dpl-13579/);
    expect(stderr).toContain("in place of ***: DEPLOY_TOKEN, RENAMED, KEY\n");
    const { code, stdout: again, stderr: errors } = await paste(stdout);
    expect([code, errors]).toEqual([3, ""]);
    expect(again).toMatch(/^a'b uid=.* c\|a'b uid=.* c\n$/);
    expect(events).toContain(JSON.stringify(again.trim()));
  });

  test("tells a program the same", async () => {
    const { stdout } = await debug("1", "test", "--json", "--step", "2");
    const { setup, steps, ...rest } = JSON.parse(stdout) as { setup: string[]; steps: Record<string, unknown>[] };
    expect(rest).toMatchObject({ run: 1, job: "test", step: "check", redacted: ["API_TOKEN", "DATABASE", "HEADER"] });
    expect(setup[0]).toBe("workspace=$(mktemp -d)");
    expect(steps.map(({ step }) => step)).toEqual(["prepare", "check"]);
    expect(steps[1]).toMatchObject({
      working_directory: "/workspace/out",
      environment: { STATUS: "SUCCESS", FILE: "$workspace/out/file", API_TOKEN: "***", WAYBILL_RUN_NUMBER: "1" },
    });
  });

  test.each([
    ["a job that does not exist", ["1", "tset"], "CLI_UNKNOWN_JOB"],
    ["a step that does not exist", ["1", "test", "--step", "chekc"], "CLI_UNKNOWN_STEP"],
    ["a run that does not exist", ["99", "test"], "CLI_RUN_NOT_FOUND"],
  ])("refuses %s", async (_name, args, code) => {
    const { exitCode, stdout, stderr } = await debug(...args);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`error[${code}]`);
  });
});
