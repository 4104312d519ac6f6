import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { PostgresDatabase } from "../support/postgres-database.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { pushedRepository } from "./support/pushed-repository.ts";
import { getJson, postJson, startServer } from "./support/server-process.ts";

const RUNS = 18;
const JOBS = ["first", "left", "right", "last"];

/** Each step adds its name to the file of its run and job, and takes its time, so that servers die in the middle. */
function pipeline(root: string): string {
  const job = (name: string, dependsOn: string): string => `
  ${name}:
    depends_on: [${dependsOn}]
    steps:
      - { name: one, script: ["echo one >>${root}/done/\${N:-0}-${name}", "sleep 0.1"] }
      - { name: two, script: ["echo two >>${root}/done/\${N:-0}-${name}", "sleep 0.1", "echo ${name} said so"] }`;
  const jobs = [job("first", ""), job("left", "first"), job("right", "first"), job("last", "left, right")];
  return `name: shop\njobs:${jobs.join("")}\n`;
}

describeWith("postgres", "servers that share a PostgreSQL database", () => {
  test("run each step of the queue once, also when two of three are killed meanwhile", async () => {
    const root = await temporaryDirectory();
    mkdirSync(join(root, "done"));
    const database = await PostgresDatabase.create();
    onTestFinished(() => database.drop());
    const data = join(root, "data");
    const args = ["--database", database.url, "--max-runs", "3"];
    const servers = await Promise.all([1, 2, 3].map(() => startServer(data, args)));
    const [first, second, third] = servers;
    if (first === undefined || second === undefined || third === undefined) throw new Error("no servers");
    const repository = await pushedRepository(root, () => first.url);
    const { id: project } = await postJson(`${first.url}/v1/projects`, { name: "shop" });
    const created = { project_id: project, name: "build", repository_url: repository.url };
    const { id } = await postJson(`${second.url}/v1/pipelines`, created);
    await repository.push({ "waybill.yaml": pipeline(root) });
    for (let n = 1; n < RUNS; n += 1) {
      const server = servers[n % 3] ?? first;
      await postJson(`${server.url}/v1/pipelines/${String(id)}/runs`, { variables: { N: n } });
    }
    const runs = async (): Promise<readonly { readonly id: string; readonly status: string }[]> =>
      (await getJson(`${third.url}/v1/pipelines/${String(id)}/runs?limit=100`))["items"] as never;
    await second.end("SIGKILL");
    while ((await runs()).filter(({ status }) => status === "success").length < 2) await setTimeout(50);
    const atDeath = await runs();
    await first.end("SIGKILL");
    // Otherwise the test shows nothing: there was work left, some of it begun.
    expect(atDeath.filter(({ status }) => status === "running").length).toBeGreaterThan(1);
    while ((await runs()).some(({ status }) => status === "pending" || status === "running")) await setTimeout(100);
    expect((await runs()).map(({ status }) => status)).toEqual(Array.from({ length: RUNS }, () => "success"));
    // The push's own run has no N.
    for (let n = 0; n < RUNS; n += 1) {
      for (const job of JOBS) expect([n, job, linesOf(root, `${n}-${job}`)]).toEqual([n, job, ["one", "two"]]);
    }
    for (const run of atDeath) {
      const { items } = await getJson(`${third.url}/v1/pipeline-runs/${run.id}/jobs`);
      for (const job of items as readonly { readonly id: string; readonly name: string; readonly attempts: number }[]) {
        const log = (await getJson(`${third.url}/v1/jobs/${job.id}/logs`))["items"] as readonly {
          readonly text: string;
        }[];
        expect([job.attempts, log.map(({ text }) => text)]).toEqual([1, [`${job.name} said so`]]);
      }
    }
    expect(third.log()).not.toContain('"level":"ERROR"');
  });
});

function linesOf(root: string, name: string): readonly string[] {
  return readFileSync(join(root, "done", name), "utf8")
    .trimEnd()
    .split("\n");
}
