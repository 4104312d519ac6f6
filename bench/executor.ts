/**
 * What the process executor adds to a job of one trivial step, as a difference and a ratio to spawning the same
 * command bare, measured in the same run because the machine's speed changes from minute to minute.
 *
 *     node bench/executor.ts [jobs per round] [concurrency]
 */
import { systemClock } from "@waybill/core";
import { DEFAULT_PLACE, NO_OUTPUT, type Executor } from "@waybill/engine";
import { processExecutor } from "@waybill/executors";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { millisecondsPerJob } from "./lib/statistics.ts";

/** Short and many, in turns: other work on the machine then disturbs both sides alike. */
const ROUNDS = 25;
const jobs = Number(process.argv[2] ?? 100);
const concurrency = Number(process.argv[3] ?? 10);
const root = mkdtempSync(join(tmpdir(), "waybill-bench-"));
let count = 0;

async function bare(): Promise<void> {
  await new Promise((resolve) => spawn("sh", ["-c", "true"], { stdio: "ignore" }).on("exit", resolve));
}

async function throughExecutor(executor: Executor): Promise<void> {
  const executionId = `bench-${process.pid}-${count++}`;
  await executor.submit({
    executionId,
    runId: "bench",
    jobName: "bench",
    attempt: 1,
    workspace: root,
    images: [],
    place: DEFAULT_PLACE,
  });
  const step = { index: 0, attempt: 1 };
  await executor.startStep(executionId, {
    ...step,
    name: "true",
    script: ["true"],
    image: null,
    environment: { A: "b" },
    workingDirectory: "/workspace",
  });
  for await (const observation of executor.observeStep(executionId, step, NO_OUTPUT)) {
    if (observation.type === "lost") throw new Error(observation.detail);
  }
  await executor.close(executionId);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

try {
  const executor = processExecutor({
    directory: join(root, "executions"),
    hostEnvironment: process.env,
    clock: systemClock,
  });
  const pairs: { bare: number; executor: number }[] = [];
  for (let round = -1; round < ROUNDS; round += 1) {
    const pair = {
      bare: await millisecondsPerJob(jobs, concurrency, bare),
      executor: await millisecondsPerJob(jobs, concurrency, () => throughExecutor(executor)),
    };
    if (round >= 0) pairs.push(pair);
  }
  const difference = median(pairs.map((pair) => pair.executor - pair.bare));
  const ratio = median(pairs.map((pair) => pair.executor / pair.bare));
  const best = (of: "bare" | "executor"): string => Math.min(...pairs.map((pair) => pair[of])).toFixed(3);
  console.log(`best round: bare ${best("bare")} ms, executor ${best("executor")} ms a job`);
  console.log(`median: +${difference.toFixed(3)} ms a job, ${ratio.toFixed(2)} times bare`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
