import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BROKEN, FAILING, TWO_JOBS } from "../../testing/pipelines.ts";
import { CLI, spawnCli } from "../../testing/spawn-cli.ts";
import { temporaryProject } from "../../testing/temporary-project.ts";

type Line = Readonly<Record<string, unknown>>;

function jsonLines(stdout: string): Line[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

const SLEEPING = `name: slow
jobs:
  wait:
    steps:
      - name: sleep
        script:
          - echo waiting
          - sleep 60
`;

describe("waybill run", () => {
  test("runs jobs in order and tells of it in lines", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": TWO_JOBS });
    const { exitCode, stdout, stderr } = await spawnCli(["run"], { cwd });
    expect([exitCode, stderr]).toEqual([0, ""]);
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("Run 1 of demo: 2 jobs");
    expect(lines).toContain("build | compiling");
    expect(lines).toContain("build ! careful");
    expect(lines.indexOf("test | testing")).toBeGreaterThan(lines.indexOf("build | compiling"));
    expect(stdout).toMatch(/\nRun 1 of demo: success in .*\nLogs: {6}waybill logs 1\n$/);
  });

  test("tells a program everything, one object a line", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": TWO_JOBS });
    const { exitCode, stdout, stderr } = await spawnCli(["run", "--json"], { cwd });
    expect([exitCode, stderr]).toEqual([0, ""]);
    const lines = jsonLines(stdout);
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1));
    expect(lines.map(({ type, job }) => [type, job]).filter(([type]) => type !== "step.output")).toEqual([
      ["run.started", undefined],
      ["job.started", "build"],
      ["step.started", "build"],
      ["step.finished", "build"],
      ["job.finished", "build"],
      ["job.started", "test"],
      ["step.started", "test"],
      ["step.finished", "test"],
      ["job.finished", "test"],
      ["run.finished", undefined],
    ]);
    expect(lines.every(({ time }) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(time)))).toBe(true);
    expect(lines.at(-1)).toMatchObject({
      status: "success",
      jobs: { build: { status: "success" }, test: { status: "success" } },
    });
  });

  test("ends with 1 where a job failed, and shows its last words", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": FAILING });
    const { exitCode, stdout } = await spawnCli(["run"], { cwd });
    expect(exitCode).toBe(1);
    expect(stdout).toContain("The last lines of test, step unit:\n  expected 1, got 2\n");
    expect(stdout).toContain("waybill logs 1 test");
  });

  test("runs nothing of a broken pipeline", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": BROKEN });
    const { exitCode, stdout, stderr } = await spawnCli(["run", "--json"], { cwd });
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("CLI_PIPELINE_INVALID");
    await expect(stat(join(cwd, ".waybill"))).rejects.toThrow("ENOENT");
  });

  test("runs only a job and what it depends on", async () => {
    const cwd = await temporaryProject({
      "waybill.yaml": `${TWO_JOBS}  other:\n    steps: [{ name: s, script: ["true"] }]\n`,
    });
    const { stdout } = await spawnCli(["run", "--json", "--job", "test"], { cwd });
    expect(jsonLines(stdout)[0]).toMatchObject({ jobs: ["build", "test"] });
  });

  test("suggests the job that was meant", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": TWO_JOBS });
    const { exitCode, stdout, stderr } = await spawnCli(["run", "--job", "tets"], { cwd });
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("test");
    expect(stderr).toContain("error[RUN_UNKNOWN_JOB]");
  });

  test("gives jobs their variables", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": TWO_JOBS.replace("echo testing", 'echo "<$BRANCH>"') });
    const { stdout } = await spawnCli(["run", "--var", "BRANCH=main"], { cwd });
    expect(stdout).toContain("test | <main>");
  });

  test("keeps its own files out of version control and out of sight", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": TWO_JOBS });
    await spawnCli(["run"], { cwd });
    expect(await readFile(join(cwd, ".waybill/.gitignore"), "utf8")).toBe("*\n");
    expect((await stat(join(cwd, ".waybill"))).mode & 0o777).toBe(0o700);
  });

  test("belongs to the directory of the pipeline file, wherever it is started", async () => {
    const cwd = await temporaryProject({
      "waybill.yaml": TWO_JOBS.replace("echo testing", "cat a/b.txt"),
      "a/b.txt": "here\n",
    });
    const { stdout } = await spawnCli(["run"], { cwd: join(cwd, "a") });
    expect(stdout).toContain("test | here");
    expect((await stat(join(cwd, ".waybill"))).isDirectory()).toBe(true);
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("is cancelled by %s", async (signal) => {
    const cwd = await temporaryProject({ "waybill.yaml": SLEEPING });
    const child = spawn(CLI[0], [...CLI.slice(1), "run", "--json"], { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let sent = false;
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      if (!sent && stdout.includes('"step.output"')) sent = child.kill(signal);
    });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const [exitCode] = (await once(child, "close")) as [number];
    expect(exitCode).toBe(130);
    expect(stderr).toContain("cancelling, press again to kill");
    expect(stdout.trimEnd().split("\n").at(-1)).toContain('"status":"cancelled"');
  });

  test("ends at once at the second signal, whatever its jobs make of the first", async () => {
    const stubborn = SLEEPING.replace("echo waiting", "trap '' TERM; echo waiting; sleep 60");
    const cwd = await temporaryProject({ "waybill.yaml": stubborn });
    const child = spawn(CLI[0], [...CLI.slice(1), "run", "--plain"], { cwd, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (chunk: Buffer) => void (chunk.includes("| waiting") && child.kill("SIGINT")));
    child.stderr.on("data", (chunk: Buffer) => void (chunk.includes("cancelling") && child.kill("SIGINT")));
    const [exitCode] = (await once(child, "close")) as [number];
    expect(exitCode).toBe(130);
  }, 20_000);

  test("is cancelled quietly when its reader leaves", async () => {
    const talking = SLEEPING.replace("sleep 60", "while :; do echo more; sleep 0.05; done");
    const cwd = await temporaryProject({ "waybill.yaml": talking });
    const child = spawn(CLI[0], [...CLI.slice(1), "run", "--json"], { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.once("data", () => child.stdout.destroy());
    const [exitCode] = (await once(child, "close")) as [number];
    expect(exitCode).toBe(130);
    expect(stderr).not.toContain("error[");
  });
});

describe("waybill runs and logs", () => {
  test("tell of runs that were", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": TWO_JOBS });
    await spawnCli(["run"], { cwd });
    await spawnCli(["run"], { cwd });
    const table = await spawnCli(["runs"], { cwd });
    expect(table.stdout).toMatch(/^RUN +PIPELINE +STATUS +WHEN +DURATION\n2 +demo +success +just now .*\n1 +demo /);
    const json = await spawnCli(["runs", "--json", "--limit", "1"], { cwd });
    const { runs } = JSON.parse(json.stdout) as { runs: Line[] };
    expect(runs).toMatchObject([{ number: 2, pipeline: "demo", file: "waybill.yaml", status: "success" }]);

    const all = await spawnCli(["logs", "latest"], { cwd });
    expect(all.stdout).toBe("build | compiling\nbuild ! careful\ntest | testing\n");
    expect((await spawnCli(["logs", "1", "test"], { cwd })).stdout).toBe("testing\n");
    expect((await spawnCli(["logs", String(runs[0]?.["id"]), "build", "--step", "1"], { cwd })).stdout).toContain(
      "compiling\n",
    );
    const lines = jsonLines((await spawnCli(["logs", "1", "--json", "--step", "unit"], { cwd })).stdout);
    expect(lines).toMatchObject([{ job: "test", step: "unit", attempt: 1, stream: "stdout", line: "testing" }]);
  });

  test("name what there is where something is not", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": TWO_JOBS });
    await spawnCli(["run"], { cwd });
    const asked = async (...args: string[]): Promise<string> => {
      const { exitCode, stderr } = await spawnCli(["logs", ...args], { cwd });
      expect(exitCode).toBe(2);
      return stderr;
    };
    expect(await asked("9")).toContain("error[CLI_RUN_NOT_FOUND]");
    expect(await asked("1", "biuld")).toContain("Did you mean build?");
    expect(await asked("1", "test", "--step", "7")).toContain("Its steps are unit.");
  });

  test("before the first run there are none", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": TWO_JOBS });
    expect(await spawnCli(["runs"], { cwd })).toMatchObject({ exitCode: 0, stdout: "" });
    expect(JSON.parse((await spawnCli(["runs", "--json"], { cwd })).stdout)).toEqual({ runs: [] });
    expect(await spawnCli(["logs", "latest"], { cwd })).toMatchObject({ exitCode: 2 });
    await expect(stat(join(cwd, ".waybill"))).rejects.toThrow("ENOENT");
  });
});

describe("waybill run --resume", () => {
  /** Starts a run, kills its process once the job talks, and leaves its step running. */
  async function killedRun(cwd: string, ...args: readonly string[]): Promise<void> {
    const child = spawn(CLI[0], [...CLI.slice(1), "run", "--plain", ...args], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.on("data", (chunk: Buffer) => void (chunk.includes("| ready") && child.kill("SIGKILL")));
    await once(child, "close");
  }

  const TALKING = SLEEPING.replace("echo waiting", "echo ready").replace(
    "sleep 60",
    'until [ -e "$GO" ]; do sleep 0.02; done; echo gone',
  );

  test("goes on with a run whose process was killed, in the middle of a step", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": TALKING });
    const go = ["--var", `GO=${join(cwd, "go")}`];
    await killedRun(cwd, ...go);
    await writeFile(join(cwd, "go"), "");
    const { exitCode, stdout, stderr } = await spawnCli(["run", "--resume", "latest", ...go], { cwd });
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Run 1 of slow goes on: 1 job left\nwait \| gone\nwait \* step sleep: success/);
    expect((await spawnCli(["logs", "1", "wait"], { cwd })).stdout).toBe("ready\ngone\n");
  });

  test("asks for the variables the run was started with, and for no others", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": TALKING });
    await killedRun(cwd, "--var", `GO=${join(cwd, "go")}`);
    const { exitCode, stderr } = await spawnCli(["run", "--resume", "1", "--var", "OTHER=1"], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/error\[RUN_VARIABLES_DIFFER\].*it needs GO again.*it was started without OTHER/);
    await writeFile(join(cwd, "go"), "");
    await spawnCli(["run", "--resume", "1", "--var", `GO=${join(cwd, "go")}`], { cwd });
  });

  test("leaves a run alone that another process drives", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": SLEEPING });
    const child = spawn(CLI[0], [...CLI.slice(1), "run", "--plain"], { cwd, stdio: ["ignore", "pipe", "pipe"] });
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk: Buffer) => void (chunk.includes("| waiting") && resolve()));
    });
    const { exitCode, stderr } = await spawnCli(["run", "--resume", "latest"], { cwd });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("error[RUN_IN_PROGRESS]")]);
    child.kill("SIGINT");
    expect((await once(child, "close"))[0]).toBe(130);
  });

  test("says that a run is over, or that there is none, or that a file has no say", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": TWO_JOBS });
    expect((await spawnCli(["run", "--resume", "latest"], { cwd })).stderr).toContain("error[CLI_RUN_NOT_FOUND]");
    await spawnCli(["run"], { cwd });
    expect((await spawnCli(["run", "--resume", "latest"], { cwd })).stderr).toContain("error[RUN_OVER]");
    const { exitCode, stderr } = await spawnCli(["run", "waybill.yaml", "--resume", "1"], { cwd });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("keeps the pipeline it was started with")]);
  });

  test("a run that was killed while it was being cancelled goes on being cancelled", async () => {
    const stubborn = SLEEPING.replace("echo waiting", "trap '' TERM; echo waiting").replace("sleep 60", "sleep 4");
    const cwd = await temporaryProject({ "waybill.yaml": stubborn });
    const child = spawn(CLI[0], [...CLI.slice(1), "run", "--plain"], { cwd, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (chunk: Buffer) => void (chunk.includes("| waiting") && child.kill("SIGINT")));
    const closed = once(child, "close");
    while (!(await spawnCli(["runs", "--json"], { cwd })).stdout.includes('"user"') && child.exitCode === null);
    child.kill("SIGKILL");
    expect(await closed).toEqual([null, "SIGKILL"]);
    const { exitCode, stdout } = await spawnCli(["run", "--resume", "latest"], { cwd });
    expect(exitCode).toBe(130);
    expect(stdout).toContain("cancelled by the user");
  });

  test("an execution that is gone is lost, and its job fails for that", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": TALKING });
    const go = ["--var", `GO=${join(cwd, "go")}`];
    await killedRun(cwd, ...go);
    await writeFile(join(cwd, "go"), "");
    await rm(join(cwd, ".waybill/executions"), { recursive: true });
    const { exitCode, stdout } = await spawnCli(["run", "--resume", "latest", "--json", ...go], { cwd });
    expect(exitCode).toBe(1);
    expect(jsonLines(stdout).find(({ type }) => type === "job.finished")).toMatchObject({ reason: "execution_lost" });
  });
});
