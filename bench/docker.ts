/**
 * What the docker executor takes for a job of one trivial step, all in (submit, step, close), against a bare
 * `docker run --rm` of the same image, and for a second step in a warm container against `docker exec`; in turns in
 * the same run, because the machine's speed changes from minute to minute. Needs the `docker` program, and a daemon or
 * root to start one.
 *
 *     node bench/docker.ts [rounds]
 */
import { systemClock } from "@waybill/core";
import { DEFAULT_PLACE, NO_OUTPUT, type Executor } from "@waybill/engine";
import { dockerExecutor } from "@waybill/executors";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TEST_IMAGE } from "../test/support/docker-daemon.ts";
import { ensureDocker, setup } from "../test/support/shared-docker.ts";
import { inTurn, median } from "./lib/statistics.ts";

const rounds = Number(process.argv[2] ?? 30);
const MAX_MORE_MS = 60;
const MAX_EXEC_RATIO = 1.3;

const root = mkdtempSync(join(tmpdir(), "waybill-bench-"));
const tearDown = setup();
let count = 0;

async function docker(...args: string[]): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = spawn("docker", args, { stdio: "ignore" });
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`docker ${args.join(" ")}: ${code}`))));
    child.once("error", reject);
  });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function submit(executor: Executor): Promise<string> {
  const executionId = `bench-${process.pid}-${count++}`;
  const about = { runId: "bench", jobName: "bench", attempt: 1, images: [], place: DEFAULT_PLACE };
  await executor.submit({ ...about, executionId, workspace: join(root, "workspace") });
  return executionId;
}

async function runStep(executor: Executor, executionId: string, index: number): Promise<void> {
  const step = { index, attempt: 1 };
  const rest = { image: null, environment: { A: "b" }, workingDirectory: "/workspace" };
  await executor.startStep(executionId, { ...step, ...rest, name: "true", script: ["true"] });
  for await (const observation of executor.observeStep(executionId, step, NO_OUTPUT)) {
    if (observation.type === "lost") throw new Error(observation.detail);
  }
}

function report(what: string, times: { subject: number[]; baseline: number[] }, bar: string): void {
  const differences = times.subject.map((value, index) => value - (times.baseline[index] ?? Number.NaN));
  const ratios = times.subject.map((value, index) => value / (times.baseline[index] ?? Number.NaN));
  console.log(
    `${what}: ${median(times.subject).toFixed(1)} ms against ${median(times.baseline).toFixed(1)} ms: ` +
      `${median(differences) < 0 ? "" : "+"}${median(differences).toFixed(1)} ms, ${median(ratios).toFixed(3)} times (bar: ${bar})`,
  );
}

try {
  if (!ensureDocker()) throw new Error("This needs Docker.");
  mkdirSync(join(root, "workspace"));
  await using executor = dockerExecutor({
    directory: join(root, "executions"),
    environment: process.env,
    clock: systemClock,
    defaultImage: TEST_IMAGE,
  });
  const job = async (): Promise<void> => {
    const executionId = await submit(executor);
    await runStep(executor, executionId, 0);
    await executor.close(executionId);
  };
  console.log(`first job, with its network: ${(await timed(job)).toFixed(1)} ms`);
  await docker("run", "--rm", TEST_IMAGE, "/bin/true");
  const whole = await inTurn(
    rounds,
    () => timed(job),
    () => timed(() => docker("run", "--rm", TEST_IMAGE, "/bin/true")),
  );
  report("job, all in, against docker run --rm", whole, `at most +${MAX_MORE_MS} ms`);

  const executionId = await submit(executor);
  const name = `waybill-bench-${process.pid}`;
  await docker("run", "-d", "--name", name, TEST_IMAGE, "sleep", "1000000");
  let index = 0;
  await runStep(executor, executionId, index++);
  const warm = await inTurn(
    rounds,
    () => timed(() => runStep(executor, executionId, index++)),
    () => timed(() => docker("exec", name, "/bin/true")),
  );
  report("step in a warm container against docker exec", warm, `at most ${MAX_EXEC_RATIO} times`);
  await executor.close(executionId);
  await docker("rm", "-f", name);
} finally {
  rmSync(root, { recursive: true, force: true });
  tearDown?.();
}
