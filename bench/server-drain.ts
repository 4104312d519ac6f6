/*
 * What a page of runs takes over HTTP while 1,000 queued runs of 10 jobs drain, against the same server when it is idle. The
 * queue is filled behind runs that wait for a file, so that all of it is there when the measuring begins.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { percentile, startServer, untilRunsEnd, type BenchServer } from "./lib/server.ts";

const RUNS = Number(process.argv[2] ?? 1_000);
const JOBS = 10;
/** Runs that a server drives at once unless it is told otherwise. */
const AT_ONCE = 10;
const PAUSE_MS = 50;
const IDLE_CALLS = 200;

const jobs = Array.from({ length: JOBS }, (_, index) => `  j${index}: { steps: [{ name: s, script: ["true"] }] }`);

async function calls(server: BenchServer, path: string, isOver: (count: number) => boolean): Promise<number[]> {
  const times: number[] = [];
  while (!isOver(times.length)) {
    const start = performance.now();
    await server.get(path);
    times.push(performance.now() - start);
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
  return times;
}

const server = await startServer(["--rate-limit", "99999"]);
const pipeline = await server.createPipeline();
async function trigger(): Promise<void> {
  await server.post(`/v1/pipelines/${pipeline}/runs`, {});
}
const path = `/v1/pipelines/${pipeline}/runs?limit=50`;

server.push(`name: many\njobs:\n${jobs.join("\n")}\n`);
// As many as a page shows, so that a page of an idle server is as long as one of a busy one.
for (let n = 0; n < 50; n++) await trigger();
await untilRunsEnd(server, pipeline);
await calls(server, path, (count) => count >= 50);
const idleBefore = await calls(server, path, (count) => count >= IDLE_CALLS);

const go = join(server.root, "go");
server.push(`name: hold\njobs:\n  w: { steps: [{ name: s, script: ["until [ -e '${go}' ]; do sleep 0.2; done"] }] }\n`);
for (let n = 0; n < AT_ONCE; n++) await trigger();
server.push(`name: many\njobs:\n${jobs.join("\n")}\n`);
for (let n = 0; n < RUNS; n++) await trigger();

const cpuBefore = server.cpuMs();
const start = performance.now();
writeFileSync(go, "");
let isDrained = false;
const drained = untilRunsEnd(server, pipeline).then(() => (isDrained = true));
const busy = await calls(server, path, () => isDrained);
await drained;
const drainedMs = performance.now() - start;
const cpuMs = server.cpuMs() - cpuBefore;
const idleAfter = await calls(server, path, (count) => count >= IDLE_CALLS);
const { peak } = server.memory();
await server.stop();

// On a shared machine others work more or less from minute to minute: idle is before and after.
const idle = [...idleBefore, ...idleAfter];
for (const [name, part] of [
  ["median", 0.5],
  ["p95", 0.95],
  ["p99", 0.99],
] as const) {
  const ratio = percentile(busy, part) / percentile(idle, part);
  process.stdout.write(
    `a page of 50 runs, ${name}: ${percentile(busy, part).toFixed(1)} ms while runs drain, ` +
      `${percentile(idle, part).toFixed(1)} ms idle: ${ratio.toFixed(1)}x (wanted: 2x or less)\n`,
  );
}
process.stdout.write(
  `${RUNS} runs drained in ${(drainedMs / 1000).toFixed(1)} s: ${(drainedMs / (RUNS * JOBS)).toFixed(1)} ms a job, of which ` +
    `${(cpuMs / (RUNS * JOBS)).toFixed(1)} ms are the server's own on a processor; peak ${peak.toFixed(0)} MiB, ${busy.length} pages\n`,
);
