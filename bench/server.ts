// The server as a process of its own: what it takes when nobody asks it anything, and lists of runs over HTTP on loopback
// with 100,000 of them stored. `script/build` first.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { systemPrincipal, TokenService } from "@waybill/access";
import { systemIds } from "@waybill/core";
import { openRunStore } from "@waybill/database";
import { sampleRun } from "@waybill/engine/testing";

const RUNS = 100_000;
const PIPELINES = 20;
const REQUESTS = 2_000;
const WARM_UP = 200;
/** Lists of a moment's length, then idle. */
const IDLE_MS = 5_000;

const program = join(import.meta.dirname, "../apps/cli/dist/waybill.js");

function memoryMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

/** @returns a token of an administrator */
async function prepare(
  data: string,
): Promise<{ readonly token: string; readonly pipeline: string; readonly project: string }> {
  const path = join(data, "waybill.db");
  const store = await openRunStore(path);
  const { projects, repositories, pipelines } = store.projectRecords();
  const [project, repository] = [systemIds.next(), systemIds.next()];
  const now = Date.now();
  await projects.create({ id: project, name: "shop", createdAt: now, updatedAt: now });
  const url = "https://git.example.com/shop.git";
  await repositories.findOrCreate({ id: repository, projectId: project, url, defaultBranch: "main", createdAt: now });
  const ids = Array.from({ length: PIPELINES }, () => systemIds.next());
  for (const [index, id] of ids.entries()) {
    const pipeline = { id, projectId: project, repositoryId: repository, name: `build-${index}` };
    await pipelines.create({ ...pipeline, configPath: "waybill.yaml", createdAt: now });
  }
  await store.create(sampleRun(systemIds.next()));
  const tokens = new TokenService(await store.accessStore());
  const { text: token } = await tokens.createMachine(systemPrincipal("bench"), null, "admin", {
    name: "bench",
    permissions: ["runs:read"],
  });
  await store.close();
  const database = new DatabaseSync(path);
  const { config_snapshot: snapshot } = database.prepare("select config_snapshot from pipeline_runs").get() as {
    readonly config_snapshot: string;
  };
  const insert = database.prepare(
    `insert into pipeline_runs (id, number, pipeline_name, config_path, trigger, status, created_at, started_at, finished_at,
       config_snapshot, pipeline_id, git_ref, git_sha, trigger_event, inputs)
     values (?, ?, 'build', 'waybill.yaml', ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}', '{}')`,
  );
  database.exec("begin");
  for (let n = 2; n <= RUNS; n += 1) {
    const status = n % 9 === 0 ? "failed" : "success";
    const at = now - (RUNS - n) * 60_000;
    const ref = n % 50 === 0 ? "refs/heads/topic" : "refs/heads/main";
    const trigger = n % 1_000 === 0 ? "cron" : "push";
    const pipeline = ids[n % PIPELINES] ?? "";
    insert.run(systemIds.next(), n, trigger, status, at, at, at, snapshot, pipeline, ref, "a".repeat(40));
  }
  database.exec("commit");
  database.close();
  return { token, pipeline: ids[0] ?? "", project };
}

async function latencies(url: string, token: string): Promise<readonly number[]> {
  const headers = { authorization: `Bearer ${token}` };
  const times: number[] = [];
  for (let n = 0; n < WARM_UP + REQUESTS; n += 1) {
    const start = performance.now();
    const response = await fetch(url, { headers });
    const { items } = (await response.json()) as { readonly items?: readonly unknown[] };
    if (n >= WARM_UP) times.push(performance.now() - start);
    if (items?.length !== 50) throw new Error(`${url}: ${response.status}, ${items?.length} runs`);
  }
  return times.toSorted((a, b) => a - b);
}

const data = mkdtempSync(join(realpathSync(tmpdir()), "waybill-bench-"));
try {
  const { token, pipeline, project } = await prepare(data);
  const args = ["--data", data, "--listen", "127.0.0.1:0", "--executor", "process", "--rate-limit", "99999"];
  const begun = performance.now();
  const server = spawn(process.execPath, ["--", program, "server", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const { pid = 0, stdout } = server;
  const [line] = (await once(stdout, "data")) as [Buffer];
  const url = /(http\S+)/.exec(line.toString())?.[1] ?? "";
  process.stdout.write(`ready after ${Math.round(performance.now() - begun)} ms\n`);
  await wait(IDLE_MS);
  process.stdout.write(`idle: ${memoryMb(pid).toFixed(0)} MB resident (wanted: below 120)\n`);
  const lists = {
    "of all pipelines": "/v1/pipeline-runs",
    "of one pipeline": `/v1/pipelines/${pipeline}/runs`,
    "of a project": `/v1/pipeline-runs?project_id=${project}`,
    "that failed": "/v1/pipeline-runs?status=failed",
    "of a branch": "/v1/pipeline-runs?branch=topic",
    "by cron": "/v1/pipeline-runs?trigger=cron",
    "that failed of a branch": "/v1/pipeline-runs?status=failed&branch=topic",
    "behind the 50,000th": `/v1/pipeline-runs?cursor=${RUNS / 2}`,
    "of a day weeks ago": `/v1/pipeline-runs?until=${new Date(Date.now() - 40 * 86_400_000).toISOString()}`,
  };
  for (const [name, path] of Object.entries(lists)) {
    const times = await latencies(url + path, token);
    const at = (part: number): string => (times[Math.floor(times.length * part)] ?? Number.NaN).toFixed(2);
    process.stdout.write(`runs ${name}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms (wanted: below 20)\n`);
  }
  process.stdout.write(`afterwards: ${memoryMb(pid).toFixed(0)} MB resident\n`);
  server.kill("SIGTERM");
  await once(server, "exit");
} finally {
  rmSync(data, { recursive: true });
}
