/* From the start of the process until it is ready, on an empty store, and the memory of a server that has nothing to do. */
import { startServer } from "./lib/server.ts";
import { median } from "./lib/statistics.ts";

const ROUNDS = 7;
const IDLE_MS = 5_000;

const ready: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const server = await startServer();
  ready.push(server.readyMs);
  await server.stop();
}
process.stdout.write(
  `start to ready: ${median(ready).toFixed(0)} ms, worst ${Math.max(...ready).toFixed(0)} (wanted: under 1000)\n`,
);

const server = await startServer();
await new Promise((done) => setTimeout(done, IDLE_MS));
const { rss, peak } = server.memory();
process.stdout.write(`idle memory: ${rss.toFixed(0)} MiB, peak ${peak.toFixed(0)} (wanted: under 120)\n`);
await server.stop();
