import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { repositoryRoot } from "../support/repository.ts";
import { waybill } from "../support/waybill.ts";
import { expectNoProcess, leftDirectories, processesWith } from "./leftovers.ts";
import { projectOf, projectRunning } from "./project.ts";

const program = join(repositoryRoot, "apps/cli/dist/waybill.js");

/** Starts a run, sends it signals after a while, and waits for its end. */
async function interruptedRun(cwd: string, afterMs: number, signals: readonly NodeJS.Signals[]): Promise<void> {
  const child = spawn(process.execPath, ["--", program, "run"], { cwd, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "exit");
  await setTimeout(afterMs);
  for (const signal of signals) {
    child.kill(signal);
    await setTimeout(10);
  }
  await ended;
}

test("a run that is interrupted at whatever moment leaves no process and no directory behind", async () => {
  const marker = `5${process.pid}.25`;
  const cwd = await projectOf(
    [
      "name: interrupted",
      "jobs:",
      `  a: {steps: [{name: s, script: ["setsid sleep ${marker} & sleep 0.1"]}]}`,
      `  b: {steps: [{name: s, script: ["sh -c 'sleep ${marker}; true'"]}]}`,
      `  c: {depends_on: [a], steps: [{name: s, script: ["sleep ${marker}"]}]}`,
    ].join("\n"),
  );
  const ways: readonly (readonly NodeJS.Signals[])[] = [
    ["SIGINT"],
    ["SIGTERM"],
    ["SIGHUP"],
    ["SIGINT", "SIGINT"],
    ["SIGINT", "SIGINT", "SIGINT"],
  ];
  for (let round = 0; round < 20; round += 1) {
    // Moments from before there is a run to well after its jobs started.
    await interruptedRun(cwd, 40 + round * 20, ways[round % ways.length] ?? []);
    expect([round, leftDirectories(cwd)]).toEqual([round, []]);
    await expectNoProcess(marker);
    await expectNoProcess(cwd);
  }
  expect((await waybill(["runs", "-n", "99"], { cwd })).stdout).not.toMatch(/ (running|pending) /);
});

test("after a run whose process was killed, its log can be read and the next run works", async () => {
  const marker = `6${process.pid}.25`;
  const cwd = await projectRunning(`echo before; [ -n "$AGAIN" ] || sleep ${marker}`);
  const child = spawn(process.execPath, ["--", program, "run"], { cwd, stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() =>
    processesWith(marker)
      .concat(processesWith(cwd))
      .forEach((pid) => process.kill(pid, "SIGKILL")),
  );
  for await (const chunk of child.stdout) if (String(chunk).includes("before")) child.kill("SIGKILL");

  expect((await waybill(["runs"], { cwd })).exitCode).toBe(0);
  expect((await waybill(["logs", "1"], { cwd })).exitCode).toBe(0);
  expect((await waybill(["run", "--var", "AGAIN=yes"], { cwd })).exitCode).toBe(0);
  expect((await waybill(["logs", "2", "main"], { cwd })).stdout).toBe("before\n");
});
