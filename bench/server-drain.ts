/* What a page of runs and a run take over HTTP while 1,000 queued runs of 10 jobs drain, against an idle server. */
import { percentile, startServer, untilRunsEnd, type BenchServer } from "./lib/server.ts";
import { median } from "./lib/statistics.ts";

const RUNS = Number(process.argv[2] ?? 1_000);
const JOBS = 10;
const PAUSE_MS = 50;
const IDLE_CALLS = 200;

const jobs = Array.from({ length: JOBS }, (_, index) => `  j${index}: { steps: [{ name: s, script: ["true"] }] }`);

async function call(server: BenchServer, path: string): Promise<number> {
  const start = performance.now();
  await server.get(path);
  return performance.now() - start;
}

async function calls(server: BenchServer, path: string, isOver: (count: number) => boolean): Promise<number[]> {
  const times: number[] = [];
  while (!isOver(times.length)) {
    times.push(await call(server, path));
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
  return times;
}

const server = await startServer();
const pipeline = await server.createPipeline();
server.push(`name: many\njobs:\n${jobs.join("\n")}\n`);
const path = `/v1/pipelines/${pipeline}/runs?limit=50`;
// As many as a page shows, so that a page of an idle server is as long as one of a busy one.
for (let n = 0; n < 50; n++) await server.post(`/v1/pipelines/${pipeline}/runs`, {});
await untilRunsEnd(server, pipeline);
await calls(server, path, (count) => count >= 50);
const idle = await calls(server, path, (count) => count >= IDLE_CALLS);

const start = performance.now();
for (let n = 0; n < RUNS; n++) await server.post(`/v1/pipelines/${pipeline}/runs`, {});
const queuedMs = performance.now() - start;
let isDrained = false;
const drained = untilRunsEnd(server, pipeline).then(() => (isDrained = true));
const busy = await calls(server, path, () => isDrained);
await drained;
const drainedMs = performance.now() - start;
const { peak } = server.memory();
await server.stop();

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
  `${RUNS} runs queued in ${(queuedMs / 1000).toFixed(1)} s, drained in ${(drainedMs / 1000).toFixed(1)} s ` +
    `(${(drainedMs / (RUNS * JOBS)).toFixed(1)} ms a job), peak ${peak.toFixed(0)} MiB, median ${median(busy).toFixed(1)} ms\n`,
);
