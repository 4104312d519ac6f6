// Commits of transitions, one after the other and of many runs at once, on SQLite and, where it is installed, on a
// PostgreSQL server of its own. `node bench/store.ts CHECKOUT` takes the store of another checkout: SQLite alone.
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { RunChange, RunStore } from "@waybill/engine";
import { makeServer, programs } from "../test/support/postgres.ts";
import { median, printHeader } from "./lib/statistics.ts";

const [, , checkout] = process.argv;
const root = resolve(checkout ?? join(import.meta.dirname, ".."));
const { openRunStore } = (await import(
  pathToFileURL(join(root, "packages/database/src/index.ts")).href
)) as typeof import("@waybill/database");
const { sampleRun } = (await import(
  pathToFileURL(join(root, "packages/engine/src/testing/sample-run.ts")).href
)) as typeof import("../packages/engine/src/testing/sample-run.ts");

const ROUNDS = 7;
const COMMITS = 1_000;
const RUNS = 8;

/** A transition as the engine makes it when a job ends and the next one starts: 2 jobs, 2 steps, 4 events. */
function transition(run: string, n: number): RunChange {
  const event = { type: "job.started", job: "job-0", attempt: n, executor: "process" } as const;
  return {
    jobs: [0, 1].map((job) => ({ id: `${run}/job-${job}`, status: "running", attempts: n })),
    steps: [0, 1].map((job) => ({ id: `${run}/job-${job}/step-0`, status: "running", startedAt: n })),
    executions: [{ id: `${run}/${n}`, jobId: `${run}/job-0`, attempt: n, executor: "process" }],
    artifacts: [],
    events: Array.from({ length: 4 }, () => ({ time: n, event })),
  };
}

async function commitTimes(store: RunStore, run: string, from: number, count: number): Promise<number> {
  const start = performance.now();
  for (let n = from; n < from + count; n += 1) await store.commit(run, transition(run, n));
  return performance.now() - start;
}

async function measure(name: string, store: RunStore): Promise<void> {
  const ids = Array.from({ length: RUNS }, (_, index) => `run-${index}-`.padEnd(12, "x"));
  for (const id of ids) await store.create(sampleRun(id));
  const [first = ""] = ids;
  const claim = await store.claim(first);
  await commitTimes(store, first, 0, 200);
  const alone: number[] = [];
  const together: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    alone.push((await commitTimes(store, first, round * COMMITS, COMMITS)) / COMMITS);
    const start = performance.now();
    await Promise.all(ids.map((id) => commitTimes(store, id, (ROUNDS + round) * COMMITS, COMMITS / RUNS)));
    together.push(COMMITS / ((performance.now() - start) / 1_000));
  }
  await claim?.release(true);
  process.stdout.write(
    `${name}: ${median(alone).toFixed(3)} ms a commit (${Math.min(...alone).toFixed(3)} to ${Math.max(...alone).toFixed(3)}), ` +
      `${Math.round(median(together))} commits/s of ${RUNS} runs at once\n`,
  );
}

printHeader();
const directory = mkdtempSync(join(realpathSync(tmpdir()), "waybill-bench-"));
const sqlite = await openRunStore(join(directory, "waybill.db"));
await measure("SQLite", sqlite);
await sqlite.close();
rmSync(directory, { recursive: true });

if (checkout === undefined && programs() !== null) {
  const server = await makeServer();
  try {
    const postgres = await openRunStore(server.url);
    await measure("PostgreSQL", postgres);
    await postgres.close();
  } finally {
    server.remove();
  }
}
