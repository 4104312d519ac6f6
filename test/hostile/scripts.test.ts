import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { outputOf, runPipeline, waybill, type PipelineRun } from "../support/waybill.ts";
import { expectNoProcess, leftDirectories } from "./leftovers.ts";
import { projectRunning } from "./project.ts";

interface Outcome {
  readonly run: PipelineRun;
  readonly cwd: string;
}

/** Runs a script as the only step of a project, and expects that nothing stays behind. */
async function runScript(script: string, fields: readonly string[] = []): Promise<Outcome> {
  const cwd = await projectRunning(script, fields);
  const run = await runPipeline([], { cwd });
  expect(run.stderr).not.toMatch(/INTERNAL|\n\s+at /);
  expect(leftDirectories(cwd)).toEqual([]);
  await expectNoProcess(cwd);
  return { run, cwd };
}

/** A sleep that can be told from every other. */
function markedSleep(): { readonly command: string; readonly marker: string } {
  const marker = `4${process.pid}.${Math.floor(performance.now())}`;
  return { command: `sleep ${marker}`, marker };
}

describe("a script", () => {
  test.each([
    ["exits with 255", "exit 255", "failed"],
    ["kills itself", "kill -9 $$", "failed"],
    ["kills its supervisor", "kill -9 $PPID; sleep 60", "failed"],
    ["kills its whole group", "kill -9 0", "failed"],
    ["calls what does not exist", "no_such_command_here", "failed"],
    ["is no shell", "if then fi", "failed"],
    ["closes its output", "exec >&- 2>&-", "success"],
    ["becomes another program", "exec true", "success"],
    ["removes its workspace", 'rm -rf "$PWD"', "success"],
    ["removes everything of Waybill's it finds", 'rm -rf "$PWD"/../../../executions "$PWD"/../..', "failed"],
    ["makes its files unreadable", "mkdir -p a/b; touch a/b/c; chmod 000 a/b/c a/b a .", "success"],
    ["leaves names that are no text", `touch "$(printf 'a\\nb\\033')" "$(printf '\\377')" ./-rf`, "success"],
    [
      "has an environment too large to start anything",
      "X=$(head -c 3000000 /dev/zero | tr '\\0' x); export X; ls",
      "failed",
    ],
    ["puts a directory where its end is recorded", 'mkdir "/proc/$PPID/cwd/0-1.exit"', "failed"],
  ])("that %s ends the job and nothing else", async (_what, script, status) => {
    const { run } = await runScript(script);
    expect(run.jobs).toEqual({ main: status });
    expect(run.exitCode).toBe(status === "success" ? 0 : 1);
  });

  test("reads nothing from standard input", async () => {
    const { run } = await runScript("cat; echo end");
    expect(outputOf(run, "main")).toBe("end");
  });

  test.each([
    ["in the background", (sleep: string) => `${sleep} & echo started`],
    ["with nohup", (sleep: string) => `nohup ${sleep} >/dev/null 2>&1 & echo started`],
    ["in a session of its own", (sleep: string) => `setsid ${sleep} & echo started`],
    ["two hundred times", (sleep: string) => `for i in $(seq 200); do ${sleep} & done; echo started`],
    ["holding its output", (sleep: string) => `(${sleep}; echo late) & echo started`],
  ])("that leaves processes %s ends, and so do they", async (_how, scriptOf) => {
    const { command, marker } = markedSleep();
    const { run } = await runScript(scriptOf(command));
    expect(outputOf(run, "main")).toBe("started");
    await expectNoProcess(marker);
  });

  test("that overstays its job's time is ended", async () => {
    const { command, marker } = markedSleep();
    const { run } = await runScript(command, ["timeout: 1"]);
    expect(run.events.findLast((event) => event.type === "job.finished")).toMatchObject({
      status: "failed",
      reason: "job_timeout",
    });
    await expectNoProcess(marker);
  });

  test("that fails is tried again exactly as often as was asked", async () => {
    const { run } = await runScript("exit 3", ["retry_count: 1"]);
    expect(run.events.filter((event) => event.type === "step.finished")).toHaveLength(2);
  });

  test("may print a line of 50 MB, and bytes that are no text", async () => {
    const { run } = await runScript("head -c 50000000 /dev/zero | tr '\\0' x; echo; printf '\\377\\000\\033[2J\\n'");
    const lines = run.events.filter((event) => event.type === "step.output").map((event) => event.line ?? "");
    expect(lines.slice(0, -1).reduce((length, line) => length + line.length, 0)).toBe(50_000_000);
    expect(lines.at(-1)).toBe("\ufffd\u0000\u001b[2J");
  });
});

async function contentsKept(cwd: string): Promise<string[]> {
  const entries = await readdir(join(cwd, ".waybill/artifacts/artifacts"), { recursive: true }).catch(() => []);
  return entries.filter((path) => /[0-9a-f]{64}$/.test(path));
}

describe("artifacts", () => {
  test.each([
    ["that were not built", "true", "missing"],
    ["that are a link out of the workspace", "ln -s /etc/passwd out", "out"],
    ["behind a link out of the workspace", "ln -s /etc out", "out/passwd"],
    ["that hold a link out of the workspace", "mkdir out; ln -s ../../.. out/up", "out"],
    ["that are a pipe", "mkfifo out", "out"],
    ["whose name is not UTF-8", `mkdir out; touch "$(printf 'out/\\377')"`, "out"],
  ])("%s fail the job, and nothing is kept", async (_what, script, path) => {
    const { run, cwd } = await runScript(script, [`artifacts: {a: ${path}}`]);
    expect(run.jobs).toEqual({ main: "failed" });
    // Nothing under a name, and no content either.
    expect(await contentsKept(cwd)).toEqual([]);
  });

  test("may have line breaks and leading dashes in their names", async () => {
    const { run, cwd } = await runScript(`mkdir out; echo 1 > "$(printf 'out/a\\nb')"; echo 2 > out/-x`, [
      "artifacts: {a: out}",
    ]);
    expect(run.exitCode).toBe(0);
    const got = await waybill(["artifacts", "get", "1", "main", "a", "--to", "got"], { cwd });
    expect(got.exitCode).toBe(0);
    expect(await readFile(join(cwd, "got/out/a\nb"), "utf8")).toBe("1\n");
    expect(await readFile(join(cwd, "got/out/-x"), "utf8")).toBe("2\n");
  });
});
