/**
 * What a job of one trivial step in a sandbox takes all in (submit, step, close), and as a ratio to bubblewrap alone
 * with the same namespaces and `sh -c true`, measured in the same run because the machine's speed changes from minute
 * to minute.
 *
 *     node bench/sandbox.ts [jobs per round]
 */
import { systemClock } from "@waybill/core";
import { DEFAULT_PLACE, NO_OUTPUT, type Executor } from "@waybill/engine";
import { probeSandbox, sandboxExecutor } from "@waybill/executors";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median, millisecondsPerJob } from "./lib/statistics.ts";

const ROUNDS = 15;
const jobs = Number(process.argv[2] ?? 30);
const root = mkdtempSync(join(tmpdir(), "waybill-bench-"));
let count = 0;

const BARE = [
  ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup"],
  ...["--as-pid-1", "--new-session", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"],
  ...["sh", "-c", "true"],
];

async function bare(): Promise<void> {
  await new Promise((resolve) => spawn("bwrap", BARE, { stdio: "ignore" }).on("exit", resolve));
}

async function throughExecutor(executor: Executor): Promise<void> {
  const executionId = `bench-${process.pid}-${count++}`;
  const workspace = join(root, executionId);
  mkdirSync(workspace);
  const execution = { executionId, runId: "bench", jobName: "bench", attempt: 1, workspace };
  await executor.submit({ ...execution, images: [], place: DEFAULT_PLACE });
  const step = { index: 0, attempt: 1, name: "true", script: ["true"], image: null, environment: { A: "b" } };
  await executor.startStep(executionId, { ...step, workingDirectory: "/workspace" });
  for await (const observation of executor.observeStep(executionId, step, NO_OUTPUT)) {
    if (observation.type === "lost") throw new Error(observation.detail);
  }
  await executor.close(executionId);
}

const probe = await probeSandbox();
if (!probe.available) throw new Error(probe.reason);
const options = { directory: join(root, "executions"), hostEnvironment: process.env, clock: systemClock };
const executor = sandboxExecutor(options);
try {
  await millisecondsPerJob(jobs, 1, () => throughExecutor(executor));
  for (const concurrency of [1, 10]) {
    const pairs: { bare: number; executor: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      pairs.push({
        bare: await millisecondsPerJob(jobs, concurrency, bare),
        executor: await millisecondsPerJob(jobs, concurrency, () => throughExecutor(executor)),
      });
    }
    const of = (which: "bare" | "executor"): string => {
      const values = pairs.map((pair) => pair[which]);
      return `${median(values).toFixed(1)} ms (best ${Math.min(...values).toFixed(1)})`;
    };
    const ratio = median(pairs.map((pair) => pair.executor / pair.bare)).toFixed(2);
    console.log(`${concurrency} at once: a job ${of("executor")}, bubblewrap alone ${of("bare")}, ratio ${ratio}`);
  }
} finally {
  await executor[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
}
