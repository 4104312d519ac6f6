import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { PostgresDatabase } from "../support/postgres-database.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { pushedRepository } from "./support/pushed-repository.ts";
import { getJson, postJson, startServer } from "./support/server-process.ts";

const RUNS = 24;

describeWith("postgres", "servers that share a PostgreSQL database", () => {
  test("run each run of the queue once, also when one of them is killed meanwhile", async () => {
    const root = await temporaryDirectory();
    const database = await PostgresDatabase.create();
    onTestFinished(() => database.drop());
    const data = join(root, "data");
    const args = ["--database", database.url, "--max-runs", "2"];
    // One after the other, for the first makes the schema; the directory is shared as by servers of one machine.
    const servers = [];
    for (let index = 0; index < 3; index += 1) servers.push(await startServer(data, args));
    const [first, second, third] = servers;
    if (first === undefined || second === undefined || third === undefined) throw new Error("no servers");
    const repository = await pushedRepository(root, () => first.url);
    const { id: project } = await postJson(`${first.url}/v1/projects`, { name: "shop" });
    const created = { project_id: project, name: "build", repository_url: repository.url };
    const { id: pipeline } = await postJson(`${second.url}/v1/pipelines`, created);
    await repository.push({
      "waybill.yaml": `
name: shop
jobs:
  work: { steps: [{ name: s, script: ["echo \${N:-0} >>${root}/done", "sleep 0.2"] }] }
`,
    });
    for (let n = 1; n < RUNS; n += 1) {
      const server = servers[n % 3] ?? first;
      await postJson(`${server.url}/v1/pipelines/${String(pipeline)}/runs`, { variables: { N: n } });
    }
    await second.end("SIGKILL");
    for (;;) {
      const { items } = await getJson(`${third.url}/v1/pipelines/${String(pipeline)}/runs?limit=100`);
      const runs = items as readonly { readonly status: string }[];
      if (runs.length === RUNS && runs.every(({ status }) => status === "success")) break;
      if (runs.some(({ status }) => status === "failed" || status === "cancelled")) throw new Error("a run failed");
      await setTimeout(100);
    }
    const lines = readFileSync(join(root, "done"), "utf8").trimEnd().split("\n");
    // The push's own run has no N.
    expect(lines.map(Number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: RUNS }, (_, n) => n));
  });
});
