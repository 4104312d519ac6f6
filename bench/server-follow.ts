/* From a line that a step prints, with the time in it, to each of 50 followers that reads it as a server-sent event. */
import { percentile, startServer, streamed } from "./lib/server.ts";
import { median } from "./lib/statistics.ts";

const FOLLOWERS = 50;
const LINES = 200;

const server = await startServer();
const pipeline = await server.createPipeline();
const print = `i=0; while [ $i -lt ${LINES} ]; do date +%s%N; sleep 0.03; i=$((i+1)); done`;
server.push(`name: lines\njobs:\n  one: { steps: [{ name: s, script: ["sleep 2", "${print}"] }] }\n`);
const { id } = await server.post(`/v1/pipelines/${pipeline}/runs`, {});
const { items } = await server.get(`/v1/pipeline-runs/${id}/jobs`);

const latencies: number[] = [];
await Promise.all(
  Array.from({ length: FOLLOWERS }, async () => {
    for await (const { type, data } of streamed(server, `/v1/jobs/${items[0].id}/logs?follow=true`)) {
      if (type !== "end") latencies.push(performance.timeOrigin + performance.now() - Number(data.text) / 1e6);
    }
  }),
);
await server.stop();
if (latencies.length !== FOLLOWERS * LINES) throw new Error(`${latencies.length} lines were seen`);
process.stdout.write(
  `line printed to seen by ${FOLLOWERS} followers: ${median(latencies).toFixed(1)} ms, ` +
    `p99 ${percentile(latencies, 0.99).toFixed(1)}, worst ${Math.max(...latencies).toFixed(1)} (wanted: p99 under 100)\n`,
);
