/*
 * From a webhook that is sent to the start of the first step, of a commit that the mirror has already: signature, keeping,
 * reading the pipeline file, its conditions on branch and changed paths, storing, claiming, checking out, starting.
 */
import { randomUUID } from "node:crypto";
import { githubWebhook, sendWebhook } from "../apps/server/src/testing/webhooks.ts";
import { percentile, startServer, streamed } from "./lib/server.ts";
import { median } from "./lib/statistics.ts";

const ROUNDS = 40;
const WARM_UP = 10;
const FORGE = "https://forge.test/acme/shop";

const server = await startServer(["--rate-limit", "99999"]);
const pipeline = await server.createPipeline();
const { secret } = await server.post(`/v1/pipelines/${pipeline}/webhook-secrets`, { source: "github", address: FORGE });

// Each round has a commit that the server has not looked at, and that its mirror has: the last one fetches all.
const commits = Array.from({ length: ROUNDS + WARM_UP + 1 }, (_, index) =>
  server.push(`name: quick
triggers: [{ event: push, branches: main, paths: ["*.yaml", "src/**"] }]
jobs:
  one: { steps: [{ name: s, script: ["true # ${index}"] }] }
`),
);
const last = commits.pop() ?? "";
const update = { old: "0".repeat(40), new: last, ref: "refs/heads/main" };
await server.post("/webhooks/git", { repository: server.repositoryUrl, updates: [update] });

const answered: number[] = [];
const created: number[] = [];
const started: number[] = [];
for (const [round, sha] of commits.entries()) {
  const before = commits[round - 1] ?? "0".repeat(40);
  const push = { ref: "refs/heads/main", before, after: sha, head_commit: { id: sha } };
  const webhook = githubWebhook(secret, "push", push, randomUUID());
  const sentAt = Date.now();
  const start = performance.now();
  const response = await sendWebhook(server.url, webhook);
  if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
  const answeredMs = performance.now() - start;
  await response.arrayBuffer();
  const run = await runOf(sha);
  for await (const { type, data } of streamed(server, `/v1/pipeline-runs/${run.id}/events`)) {
    if (type !== "step.started" || round < WARM_UP) continue;
    answered.push(answeredMs);
    created.push(Date.parse(run.created_at) - sentAt);
    started.push(Date.parse(data.time) - sentAt);
  }
}

/** The asking is not to be in the way of what is measured. */
async function runOf(sha: string): Promise<{ readonly id: string; readonly created_at: string }> {
  for (;;) {
    await new Promise((done) => setTimeout(done, 100));
    const { items } = await server.get(`/v1/pipelines/${pipeline}/runs?limit=1`);
    if (items[0]?.git_sha === sha) return items[0];
  }
}

await server.stop();
process.stdout.write(
  `webhook sent to answered: ${median(answered).toFixed(1)} ms, p95 ${percentile(answered, 0.95).toFixed(1)}\n`,
);
process.stdout.write(
  `webhook sent to run stored: ${median(created).toFixed(0)} ms, p95 ${percentile(created, 0.95).toFixed(0)}\n`,
);
process.stdout.write(
  `webhook sent to first step started: ${median(started).toFixed(0)} ms, p95 ${percentile(started, 0.95).toFixed(0)} (wanted: under 50)\n`,
);
