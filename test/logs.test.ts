import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, readdir, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { LogLine } from "@waybill/engine";
import { openLogStore } from "@waybill/logs";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryDirectory } from "./support/temporary-directory.ts";
import { program, waybill } from "./support/waybill.ts";

const QUIET = `name: quiet
jobs:
  a: { steps: [{ name: one, script: ["true"] }, { name: two, script: ["true"] }] }
  b: { steps: [{ name: one, script: ["true"] }] }
`;

async function quietProject(): Promise<string> {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, "waybill.yaml"), QUIET);
  return cwd;
}

/** A project with a finished run whose logs are these. Times are minutes ago, as far as they matter. */
async function projectWith(logs: Readonly<Record<string, readonly Partial<LogLine>[]>>): Promise<string> {
  const cwd = await quietProject();
  expect((await waybill(["run"], { cwd })).exitCode).toBe(0);
  const [run = ""] = (await waybill(["runs", "--json"], { cwd })).stdout.match(/[0-9a-f]{8}-[0-9a-f-]{27}/) ?? [];
  const store = openLogStore(join(cwd, ".waybill/logs"));
  for (const [job, lines] of Object.entries(logs)) {
    const writer = store.write(run, job);
    writer.append(
      lines.map((line) => ({ time: 0, stream: "stdout", step: 0, attempt: 1, sourceOffset: 0, text: "", ...line })),
    );
    await writer.close();
  }
  return cwd;
}

const numbered = (count: number): Partial<LogLine>[] =>
  Array.from({ length: count }, (_, index) => ({
    time: Date.now() - (count - index) * 60_000,
    step: index % 2,
    text: `line ${index}`,
  }));

async function logsOf(cwd: string, ...args: readonly string[]): Promise<string[]> {
  const { exitCode, stdout, stderr } = await waybill(["logs", "latest", ...args], { cwd });
  expect([exitCode, stderr]).toEqual([0, ""]);
  return stdout === "" ? [] : stdout.trimEnd().split("\n");
}

describe("waybill logs", () => {
  test("prints the lines of several jobs in the order of time, each behind its job", async () => {
    const cwd = await projectWith({
      a: [
        { time: 10, text: "first" },
        { time: 30, text: "third" },
        { time: 30, text: "fourth" },
      ],
      b: [
        { time: 20, text: "second", stream: "stderr" },
        { time: 30, text: "fifth" },
        { time: 40, text: "sixth" },
      ],
    });
    expect(await logsOf(cwd)).toEqual([
      ...["a | first", "b ! second", "a | third", "a | fourth", "b | fifth", "b | sixth"],
    ]);
  });

  test("prints the last lines, those since a time, and those that match", async () => {
    const cwd = await projectWith({ a: numbered(10_000) });
    expect(await logsOf(cwd, "a", "--tail", "2")).toEqual(["line 9998", "line 9999"]);
    expect(await logsOf(cwd, "a", "--tail", "0")).toEqual([]);
    expect(await logsOf(cwd, "a", "--since", "150s")).toEqual(["line 9998", "line 9999"]);
    expect(await logsOf(cwd, "a", "--since", "2999-01-01T00:00Z")).toEqual([]);
    expect(await logsOf(cwd, "a", "--grep", "e 12?7$")).toEqual(["line 17", "line 127"]);
    expect(await logsOf(cwd, "a", "--grep", "^line [0-9]$", "--tail", "3")).toEqual(["line 7", "line 8", "line 9"]);
    expect(await logsOf(cwd, "a", "--step", "two", "--tail", "2")).toEqual(["line 9997", "line 9999"]);
    expect(await logsOf(cwd, "a", "--since", "1h", "--grep", "5$", "--tail", "99")).toEqual([
      ...["line 9945", "line 9955", "line 9965", "line 9975", "line 9985", "line 9995"],
    ]);
    expect((await logsOf(cwd, "a")).length).toBe(10_000);
    expect(JSON.parse((await logsOf(cwd, "a", "--json", "--tail", "1"))[0] ?? "")).toMatchObject({
      ...{ job: "a", step: "two", attempt: 1, stream: "stdout", line: "line 9999" },
    });
  });

  test.each([
    [["--since", "yesterday"], "CLI_LOGS_SINCE"],
    [["--grep", "("], "CLI_LOGS_PATTERN"],
    [["--tail", "-1"], "CLI_USAGE"],
  ])("refuses %j", async (args, code) => {
    const cwd = await quietProject();
    const { exitCode, stderr } = await waybill(["logs", "latest", ...args], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(code);
  });

  test("shows what can be read of a damaged log, and says so", async () => {
    const cwd = await projectWith({ a: numbered(100), b: numbered(10) });
    const [run = ""] = await readdir(join(cwd, ".waybill/logs"));
    const log = join(cwd, ".waybill/logs", run, "a.log");
    const bytes = await readFile(log);
    bytes.write("X", bytes.indexOf("line 50"));
    await writeFile(log, bytes);
    const damaged = await waybill(["logs", "latest"], { cwd });
    expect(damaged.exitCode).toBe(3);
    expect(damaged.stderr).toContain("error[STORE_LOG_DAMAGED]");
    expect(damaged.stderr).toContain("1 of its lines cannot be read, the first is line 51.");
    const shown = damaged.stdout.trimEnd().split("\n");
    expect(shown.filter((line) => line.startsWith("a | "))).toEqual(
      Array.from({ length: 100 }, (_, index) => `a | line ${index}`).filter((line) => !line.endsWith(" 50")),
    );
    expect(shown.length).toBe(109);
    await truncate(log, (await stat(log)).size - 3);
    const torn = await waybill(["logs", "latest", "a", "--tail", "1"], { cwd });
    expect([torn.exitCode, torn.stdout]).toEqual([3, "line 98\n"]);
    expect(torn.stderr).toContain("behind line 99 are no whole line");
  });
});

describe("waybill logs --follow", () => {
  const GATED = `name: gated
jobs:
  first: { steps: [{ name: s, script: ["echo up; until [ -e ../../../../go ]; do sleep 0.02; done; echo on"] }] }
  second: { depends_on: [first], steps: [{ name: s, script: ["echo done"] }] }
`;

  test("prints what a run of another process prints, as it comes, and ends with it", async () => {
    const cwd = await temporaryDirectory();
    await writeFile(join(cwd, "waybill.yaml"), GATED.replaceAll("../../../../go", join(cwd, "go")));
    const run = waybill(["run"], { cwd });
    while (!existsSync(join(cwd, ".waybill/waybill.db"))) await setTimeout(10);
    await expect
      .poll(async () => (await waybill(["logs", "latest"], { cwd })).stdout, { timeout: 10_000 })
      .toContain("up");
    const child = spawn(process.execPath, ["--", program, "logs", "latest", "--follow"], {
      cwd,
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const closed = once(child, "close");
    const [first] = (await once(child.stdout, "data")) as [Buffer];
    expect(first.toString()).toBe("first | up\n");
    let rest = "";
    child.stdout.on("data", (chunk: Buffer) => (rest += chunk.toString()));
    const ofFirst = waybill(["logs", "latest", "first", "-f", "--grep", "o"], { cwd });
    await writeFile(join(cwd, "go"), "");
    expect(await ofFirst).toEqual({ exitCode: 0, stdout: "on\n", stderr: "" });
    expect((await run).exitCode).toBe(0);
    expect(await closed).toEqual([0, null]);
    expect(rest).toBe("first | on\nsecond | done\n");
  });

  test("of a run whose process was killed says so, and goes on with what a resumed one prints", async () => {
    const cwd = await temporaryDirectory();
    await writeFile(join(cwd, "waybill.yaml"), GATED.replaceAll("../../../../go", join(cwd, "go")));
    const run = spawn(process.execPath, ["--", program, "run"], { cwd, stdio: ["ignore", "pipe", "ignore"] });
    for await (const chunk of run.stdout) if (String(chunk).includes("| up")) break;
    run.kill("SIGKILL");
    const child = spawn(process.execPath, ["--", program, "logs", "latest", "--follow"], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const closed = once(child, "close");
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    const [note] = (await once(child.stderr, "data")) as [Buffer];
    expect(note.toString()).toBe("note: no process carries run 1 on; waybill run --resume 1 does\n");
    await writeFile(join(cwd, "go"), "");
    expect((await waybill(["run", "--resume", "1"], { cwd })).exitCode).toBe(0);
    expect(await closed).toEqual([0, null]);
    expect(printed).toBe("first | up\nfirst | on\nsecond | done\n");
  });
});
