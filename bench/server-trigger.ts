/*
 * From a webhook that is sent to the start of the first step, of a commit that the mirror has already: parsing, storing,
 * claiming, checking out, starting.
 */
import { percentile, startServer, streamed, type Json } from "./lib/server.ts";
import { median } from "./lib/statistics.ts";

const ROUNDS = 40;
const WARM_UP = 10;

const server = await startServer();
await server.createPipeline();
async function hook(sha: string): Promise<Json> {
  const update = { old: "0".repeat(40), new: sha, ref: "refs/heads/main" };
  return await server.post("/webhooks/git", { repository: server.repositoryUrl, updates: [update] });
}

// Each round has a commit that the server has not looked at, and that its mirror has: the last one fetches all.
const commits = Array.from({ length: ROUNDS + WARM_UP + 1 }, (_, index) =>
  server.push(`name: quick\njobs:\n  one: { steps: [{ name: s, script: ["true # ${index}"] }] }\n`),
);
await hook(commits.pop() ?? "");

const answered: number[] = [];
const started: number[] = [];
for (const [round, sha] of commits.entries()) {
  const sentAt = Date.now();
  const start = performance.now();
  const { runs } = await hook(sha);
  const answeredMs = performance.now() - start;
  for await (const { type, data } of streamed(server, `/v1/pipeline-runs/${runs[0].id}/events`)) {
    if (type !== "step.started" || round < WARM_UP) continue;
    answered.push(answeredMs);
    started.push(Date.parse(data.time) - sentAt);
  }
}
await server.stop();
process.stdout.write(
  `webhook sent to answered: ${median(answered).toFixed(1)} ms, p95 ${percentile(answered, 0.95).toFixed(1)}\n`,
);
process.stdout.write(
  `webhook sent to first step started: ${median(started).toFixed(0)} ms, p95 ${percentile(started, 0.95).toFixed(0)} (wanted: under 50)\n`,
);
