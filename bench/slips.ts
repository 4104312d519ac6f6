// Slips with a million of them stored, on SQLite and, where it is installed, on a PostgreSQL server of its own: finding
// the nearest of 100 ancestor commits, making a slip, adding a change; and `slippy pre` as a process, which needs
// script/build. `node bench/slips.ts COUNT` stores another number.
import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSlipStore } from "@waybill/database";
import { SlipClient, type SlipHeader, type SlipStore } from "@waybill/slip";
import { Client } from "pg";
import { makeServer, programs } from "../test/support/postgres.ts";
import { median, printHeader } from "./lib/statistics.ts";

const SLIPS = Number(process.argv[2] ?? 1_000_000);
const REPOSITORIES = 100;
const ROUNDS = 500;
const PROCESSES = 20;

/** The name of a slip's commit: 40 digits that are not in order. */
function shaOf(slip: number): string {
  return ((slip * 2_654_435_761) % 4_294_967_296).toString(16).padStart(8, "0").padEnd(40, "0");
}

/** Rows as the store makes them, but in one statement: `n` counts, `hex` is its scattered name. */
function fillStatement(numbers: string, hex: string): string {
  const rest = "'[]', '[]', 0";
  return (
    "insert into routing_slips (slip_id, correlation_id, repository, repository_key, source_repository, source_key, " +
    "branch, commit_sha, created_at, updated_at, status, promoted_to, components, ancestry, version) " +
    `select 'slip-' || n, 'corr-' || n, r, r, r, r, 'main', ${hex} || '${"0".repeat(32)}', n, n, 'in_progress', '', ${rest} ` +
    `from (select n, 'octo-org/shop-' || (n % ${REPOSITORIES}) as r from ${numbers}) as slips`
  );
}

function header(name: string): SlipHeader {
  const repository = `octo-org/shop-${name.length % REPOSITORIES}`;
  return {
    slipId: `new-${name}`,
    correlationId: `new-${name}`,
    repository,
    sourceRepository: repository,
    branch: "main",
    commitSha: `new-${name}`,
    createdAt: Date.now(),
    components: [{ name: "svc-a", dockerfilePath: "" }],
    ancestry: [],
  };
}

async function timesOf(rounds: number, work: (round: number) => Promise<unknown>): Promise<string> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    await work(round);
    times.push(performance.now() - start);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const p99 = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0;
  return `${median(times).toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
}

async function measure(name: string, store: SlipStore, dsn: string): Promise<void> {
  const client = new SlipClient({ store });
  const repository = "octo-org/shop-7";
  // The hundredth has a slip in this repository, as in the worst case; the others have theirs elsewhere.
  const found = await timesOf(ROUNDS, async (round) => {
    const last = 7 + REPOSITORIES * (1 + (round % 1_000));
    const commits = [...Array.from({ length: 99 }, (_, index) => shaOf(last + 1 + (index % 90))), shaOf(last)];
    const [slip] = await store.findAllByCommits([repository], commits);
    if (slip?.slipId !== `slip-${last}`) throw new Error(`${commits.length} commits have no slip of ${last}`);
    if ((await store.load(slip.correlationId)) === null) throw new Error("it cannot be loaded");
  });
  process.stdout.write(`${name}: the nearest of 100 ancestors ${found}\n`);
  const made = await timesOf(ROUNDS, (round) =>
    client.createSlipForPush({ correlationId: `push-${round}`, repository, commitSha: `push-${round}` }),
  );
  process.stdout.write(`${name}: a slip for a push ${made}\n`);
  await store.create(header("x"));
  const changed = await timesOf(50, () => client.startStep("new-x", "build", "svc-a"));
  process.stdout.write(`${name}: a change of a step ${changed}\n`);
  process.stdout.write(`${name}: a holder's look ${await timesOf(ROUNDS, () => store.version("new-x"))}\n`);
  for (const step of ["builds_completed", "unit_tests_completed", "secret_scan"])
    await client.completeStep("new-x", step);
  const program = join(import.meta.dirname, "../apps/cli/dist/slippy.js");
  const env = {
    PATH: process.env["PATH"],
    SLIPPY_DSN: dsn,
    SLIPPY_CORRELATION_ID: "new-x",
    SLIPPY_STEP_NAME: "dev_deploy",
  };
  const pre = await timesOf(PROCESSES, () => {
    const { status, stderr } = spawnSync(process.execPath, ["--", program, "pre"], { env, encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    return Promise.resolve();
  });
  process.stdout.write(`${name}: slippy pre with met prerequisites, as a process ${pre}\n`);
}

async function sqlite(): Promise<void> {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "waybill-bench-"));
  const place = join(directory, "slips.db");
  const store = await openSlipStore(place);
  try {
    const database = new DatabaseSync(place);
    const numbers = `(with recursive c(n) as (select 1 union all select n + 1 from c where n < ${SLIPS}) select n from c)`;
    database.exec(fillStatement(numbers, "printf('%08x', (n * 2654435761) % 4294967296)"));
    // As a server leaves it: the log of a load like this is larger than the database.
    database.exec("pragma wal_checkpoint(truncate)");
    database.close();
    await measure("SQLite", store, `sqlite://${place}`);
  } finally {
    await store.close();
    rmSync(directory, { recursive: true });
  }
}

async function postgres(): Promise<void> {
  const server = await makeServer();
  try {
    const store = await openSlipStore(server.url);
    const client = new Client({ connectionString: server.url });
    await client.connect();
    const numbers = `(select generate_series(1::bigint, ${SLIPS}) as n) as numbers`;
    await client.query(fillStatement(numbers, "lpad(to_hex((n * 2654435761) % 4294967296), 8, '0')"));
    await client.query("analyze routing_slips");
    await client.end();
    await measure("PostgreSQL", store, server.url);
    await store.close();
  } finally {
    server.remove();
  }
}

printHeader();
process.stdout.write(`${SLIPS} slips stored\n`);
await sqlite();
if (programs() !== null) await postgres();
