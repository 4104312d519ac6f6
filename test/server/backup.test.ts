import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { PostgresDatabase } from "../support/postgres-database.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { waybill } from "../support/waybill.ts";
import { pushedRepository } from "./support/pushed-repository.ts";
import { getJson, postJson, startServer, tokenOf, type ServerProcess } from "./support/server-process.ts";

const PIPELINE = `
name: shop
jobs:
  build:
    steps: [{ name: make, script: ["i=0; while [ $i -lt 300 ]; do echo line $i of \${N}; i=$((i+1)); done", "echo app \${N} >app; head -c 20000 /dev/urandom >data"] }]
    artifacts: { app: [app, data] }
  use:
    depends_on: [build]
    steps: [{ name: look, script: ["cat app", "sleep 0.05"] }]
`;

interface Item {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly attempts: number;
  readonly artifacts: readonly { readonly id: string }[];
}

async function itemsOf(server: ServerProcess, path: string): Promise<readonly Item[]> {
  return (await getJson(server.url + path))["items"] as readonly Item[];
}

/** A server on which runs begin and end all the time, until the test is over. */
async function busyServer(
  root: string,
  args: readonly string[],
): Promise<{ readonly server: ServerProcess; readonly stop: () => Promise<void> }> {
  const server = await startServer(join(root, "data"), args);
  const repository = await pushedRepository(root, () => server.url);
  const { id: project } = await postJson(`${server.url}/v1/projects`, { name: "shop" });
  const about = { project_id: project, name: "build", repository_url: repository.url };
  const { id: pipeline } = await postJson(`${server.url}/v1/pipelines`, about);
  await repository.push({ "waybill.yaml": PIPELINE });
  let isStopped = false;
  const load = (async () => {
    for (let n = 1; !isStopped; n += 1) {
      await postJson(`${server.url}/v1/pipelines/${String(pipeline)}/runs`, { variables: { N: n } });
      await setTimeout(30);
    }
  })();
  // Told by whoever stops it; a test that has failed stops nothing.
  load.catch(() => undefined);
  return {
    server,
    stop: async () => {
      isStopped = true;
      await load;
    },
  };
}

/** Everything that the restored database speaks of is there, and is what it was. */
async function checkRestored(server: ServerProcess): Promise<number> {
  const runs = await itemsOf(server, "/v1/pipeline-runs?limit=100");
  let checked = 0;
  for (const run of runs) {
    while (
      ["pending", "running"].includes(String((await getJson(`${server.url}/v1/pipeline-runs/${run.id}`))["status"]))
    ) {
      await setTimeout(50);
    }
    for (const job of await itemsOf(server, `/v1/pipeline-runs/${run.id}/jobs`)) {
      for (const artifact of job.artifacts) {
        // It is verified before its first byte is sent.
        const download = await fetch(`${server.url}/v1/artifacts/${artifact.id}/download`, {
          headers: { authorization: `Bearer ${tokenOf(server.url)}` },
        });
        expect([job.name, download.status]).toEqual(["build", 200]);
        expect((await download.arrayBuffer()).byteLength).toBeGreaterThan(20_000);
      }
      const lines = (await getJson(`${server.url}/v1/jobs/${job.id}/logs?limit=1000`))["items"] as readonly {
        text: string;
      }[];
      if (run.status !== "success") continue;
      checked += 1;
      expect(job.status).toBe("success");
      if (job.name === "build") expect(job.artifacts).toHaveLength(1);
      expect(lines).toHaveLength(job.name === "build" ? 300 : 1);
    }
  }
  return checked;
}

async function backUpAndRestore(root: string, source: readonly string[], target: readonly string[]): Promise<void> {
  const { server, stop } = await busyServer(root, source);
  while ((await itemsOf(server, "/v1/pipeline-runs?status=success")).length < 5) await setTimeout(50);
  const options = ["--data", join(root, "data"), ...source];
  const file = join(root, "busy.backup");
  const { exitCode, stderr } = await waybill(["backup", file, ...options], { cwd: root });
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(root).filter((name) => name.startsWith("busy"))).toEqual(["busy.backup"]);
  await stop();
  expect((await waybill(["backup", file, ...options], { cwd: root })).stderr).toContain("BACKUP_FILE_EXISTS");
  await server.end("SIGKILL");
  const elsewhere = join(root, "elsewhere");
  const restored = await waybill(["restore", file, "--data", elsewhere, ...target], { cwd: root });
  expect([restored.exitCode, restored.stderr]).toEqual([0, ""]);
  expect(existsSync(join(elsewhere, "secrets.key"))).toBe(false);
  const again = await waybill(["restore", file, "--data", elsewhere, ...target], { cwd: root });
  expect([again.exitCode, again.stderr.includes("BACKUP_TARGET_IN_USE")]).toEqual([2, true]);
  expect(await checkRestored(await startServer(elsewhere, target))).toBeGreaterThanOrEqual(10);
}

describeWith("git", "a backup of a server with SQLite", () => {
  test("under load is restored elsewhere: runs, logs and artifacts are all there", async () => {
    await backUpAndRestore(await temporaryDirectory(), [], []);
  });

  test("has keys only when asked for, and is refused when it is damaged, leaving nothing", async () => {
    const root = await temporaryDirectory();
    const server = await startServer(join(root, "data"));
    await postJson(`${server.url}/v1/projects`, { name: "shop" });
    const file = join(root, "keys.backup");
    const made = await waybill(["backup", file, "--data", "data", "--with-keys", "--json"], { cwd: root });
    expect(JSON.parse(made.stdout)).toMatchObject({ file, database: "sqlite" });
    const bytes = readFileSync(file);
    const damages: readonly (readonly [string, Buffer])[] = [
      ["cut", bytes.subarray(0, bytes.length - 20)],
      ["changed", Buffer.concat([bytes.subarray(0, 2000), Buffer.from("x".repeat(50)), bytes.subarray(2050)])],
      ["empty", Buffer.alloc(0)],
      ["other", Buffer.from("no backup")],
    ];
    for (const [name, content] of damages) {
      writeFileSync(join(root, name), content);
      const result = await waybill(["restore", name, "--data", `to-${name}`], { cwd: root });
      expect([name, result.exitCode, result.stderr]).toEqual([name, 3, expect.stringContaining("BACKUP_DAMAGED")]);
      expect(readdirSync(join(root, `to-${name}`))).toEqual([]);
    }
    expect((await waybill(["restore", file, "--data", "whole"], { cwd: root })).exitCode).toBe(0);
    expect(readFileSync(join(root, "whole/secrets.key"), "utf8")).toBe(
      readFileSync(join(root, "data/secrets.key"), "utf8"),
    );
    const nothing = await waybill(["backup", "none", "--data", "nowhere"], { cwd: root });
    expect([nothing.exitCode, nothing.stderr.includes("BACKUP_NOTHING_THERE")]).toEqual([2, true]);
  });
});

describeWith("postgres", "a backup of a server with PostgreSQL", () => {
  test("under load is restored to another database: runs, logs and artifacts are all there", async () => {
    const databases = [await PostgresDatabase.create(), await PostgresDatabase.create()];
    onTestFinished(async () => {
      for (const database of databases) await database.drop();
    });
    const [source, target] = databases.map(({ url }) => ["--database", url]);
    await backUpAndRestore(await temporaryDirectory(), source ?? [], target ?? []);
  });
});
