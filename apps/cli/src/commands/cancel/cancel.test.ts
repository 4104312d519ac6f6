import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CLI, spawnCli } from "../../testing/spawn-cli.ts";
import { temporaryProject } from "../../testing/temporary-project.ts";

const SLEEPING = `name: slow
jobs:
  wait:
    steps: [{ name: sleep, script: [echo waiting, sleep 600] }]
  after:
    depends_on: [wait]
    steps: [{ name: never, script: ["true"] }]
`;

/** Resolves when the job has printed its line. */
async function running(cwd: string): Promise<ChildProcess> {
  const [program, ...args] = CLI;
  const child = spawn(program, [...args, "run", "--plain"], { cwd, stdio: ["ignore", "pipe", "inherit"] });
  await new Promise<void>((resolve) => {
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes("wait | waiting")) resolve();
    });
  });
  return child;
}

function leftovers(cwd: string): string[] {
  return ["executions", "workspaces", "claims"].flatMap((name) => {
    const path = join(cwd, ".waybill", name);
    return existsSync(path) ? readdirSync(path).filter((entry) => !entry.startsWith("supervisor-")) : [];
  });
}

test("a run of another terminal is cancelled as if Ctrl-C had been pressed there", async () => {
  const cwd = await temporaryProject({ "waybill.yaml": SLEEPING });
  const child = await running(cwd);
  const exited = once(child, "exit");
  const { exitCode, stdout } = await spawnCli(["cancel", "latest"], { cwd });
  expect([exitCode, stdout]).toEqual([0, "Run 1 is cancelled.\n"]);
  expect(await exited).toEqual([130, null]);
  expect(leftovers(cwd)).toEqual([]);
});

test("a run whose process died is ended here and now, and nothing is left of it", async () => {
  const cwd = await temporaryProject({ "waybill.yaml": SLEEPING });
  const child = await running(cwd);
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
  const { exitCode, stdout } = await spawnCli(["cancel", "1", "--json"], { cwd });
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ number: 1, status: "cancelled" });
  expect(leftovers(cwd)).toEqual([]);
  const why = await spawnCli(["why", "1", "wait"], { cwd });
  expect(why.stdout).toContain("cancelled by the user");
  const again = await spawnCli(["cancel", "1"], { cwd });
  expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining("RUN_OVER")]);
});

test("a run that does not exist is said so, and no database is made", async () => {
  const cwd = await temporaryProject({ "waybill.yaml": SLEEPING });
  expect(await spawnCli(["cancel", "7"], { cwd })).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("CLI_RUN_NOT_FOUND"),
  });
  expect(existsSync(join(cwd, ".waybill"))).toBe(false);
});
