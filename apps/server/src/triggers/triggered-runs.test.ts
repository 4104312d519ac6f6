import { systemClock } from "@waybill/core";
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { createServerLog } from "../server-log.ts";
import {
  readEventStream,
  testRepository,
  testServer,
  type TestRepository,
  type TestServer,
} from "../testing/test-server.ts";
import { FORGE_ADDRESS, githubWebhook, sendWebhook } from "../testing/webhooks.ts";
import { CronTicker } from "./cron-ticker.ts";

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

const MAIN = join(import.meta.dirname, "../../../cli/src/main.ts");

let root: string;
let repository: TestRepository;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-triggered-")));
  repository = testRepository(root);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

async function json(response: Response): Promise<Json> {
  return await response.json();
}

async function createPipeline(server: TestServer): Promise<string> {
  const project = await json(await server.post("/v1/projects", { name: "shop" }));
  const fields = { project_id: project.id, name: "build", repository_url: repository.url };
  return (await json(await server.post("/v1/pipelines", fields))).id;
}

async function githubSecret(server: TestServer, pipeline: string): Promise<string> {
  const fields = { source: "github", address: FORGE_ADDRESS };
  return (await json(await server.post(`/v1/pipelines/${pipeline}/webhook-secrets`, fields))).secret;
}

function push(sha: string): object {
  return { ref: "refs/heads/main", before: "0".repeat(40), after: sha, head_commit: { id: sha } };
}

async function ended(server: TestServer, id: string): Promise<Json> {
  await readEventStream(await server.get(`/v1/pipeline-runs/${id}/events`));
  return await json(await server.get(`/v1/pipeline-runs/${id}`));
}

async function runs(server: TestServer): Promise<Json[]> {
  return (await json(await server.get("/v1/pipeline-runs"))).items;
}

describeWith("git", "runs that are triggered", () => {
  test("of one group go on one after the other", async () => {
    const trace = join(root, "trace");
    repository.push({
      "waybill.yaml": `
name: deploy
concurrency: { group: "deploy \${event.branch}" }
jobs:
  a: { steps: [{ name: s, script: ["echo begin >> ${trace}", "sleep 0.2", "echo end >> ${trace}"] }] }
`,
    });
    const server = await testServer(join(root, "data"));
    const pipeline = await createPipeline(server);
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const run = await json(await server.post(`/v1/pipelines/${pipeline}/runs`, { ref: "main" }));
      ids.push(run.id);
    }
    for (const id of ids) {
      expect(await ended(server, id)).toMatchObject({ status: "success", concurrency_group: "deploy main" });
    }
    expect(readFileSync(trace, "utf8")).toBe("begin\nend\n".repeat(3));
  });

  test("take the place of earlier ones of their group, whether those run or wait", async () => {
    repository.push({
      "waybill.yaml": `
name: check
concurrency: { group: "\${event.branch}", cancel_in_progress: true }
jobs:
  a: { steps: [{ name: s, script: ["until [ -e ${root}/go ]; do sleep 0.02; done"] }] }
`,
    });
    const server = await testServer(join(root, "data"));
    const pipeline = await createPipeline(server);
    const trigger = async (): Promise<string> =>
      (await json(await server.post(`/v1/pipelines/${pipeline}/runs`, { ref: "main" }))).id;
    const first = await trigger();
    await readEventStream(await server.get(`/v1/pipeline-runs/${first}/events`), (events) =>
      events.some(({ type }) => type === "step.started"),
    );
    const [second, third] = [await trigger(), await trigger()];
    expect(await ended(server, first)).toMatchObject({ status: "cancelled", reason: "superseded" });
    expect(await ended(server, second)).toMatchObject({ status: "cancelled", reason: "superseded" });
    writeFileSync(join(root, "go"), "");
    expect(await ended(server, third)).toMatchObject({ status: "success" });
  });

  test("wait on in their group when the server ends, and go on with the next one", async () => {
    repository.push({
      "waybill.yaml": `
name: deploy
concurrency: { group: all }
jobs:
  a: { steps: [{ name: s, script: ["until [ -e ${root}/go ]; do sleep 0.02; done"] }] }
`,
    });
    const first = await testServer(join(root, "data"));
    const pipeline = await createPipeline(first);
    const ids = [];
    for (let n = 0; n < 2; n += 1) {
      ids.push((await json(await first.post(`/v1/pipelines/${pipeline}/runs`, { ref: "main" }))).id);
    }
    await readEventStream(await first.get(`/v1/pipeline-runs/${ids[0]}/events`), (events) =>
      events.some(({ type }) => type === "step.started"),
    );
    await first.close();
    const second = await testServer(join(root, "data"));
    expect(await json(await second.get(`/v1/pipeline-runs/${ids[1]}`))).toMatchObject({ status: "pending" });
    writeFileSync(join(root, "go"), "");
    for (const id of ids) expect(await ended(second, id)).toMatchObject({ status: "success" });
  });

  test("by the clock begin once for each time, also where it was missed and several servers are there", async () => {
    const sha = repository.push({
      "waybill.yaml": `
name: nightly
schedule: [{ cron: "30 4 * * *", timezone: Europe/Berlin }]
jobs: { a: { steps: [{ name: s, script: ["true"] }] } }
`,
    });
    const server = await testServer(join(root, "data"));
    await createPipeline(server);
    const { records, mirrors, triggers, runs: service } = server.services;
    // The day is the test's; pauses are real.
    let now = Date.parse("2026-11-20T12:00:00Z");
    const clock = { ...systemClock, now: () => now };
    const log = createServerLog(clock, () => undefined);
    const options = { clock, records, mirrors, runs: service, ticks: triggers.stores.ticks, log, environment: {} };
    const tickers = [new CronTicker(options), new CronTicker(options)];
    const tick = async (): Promise<void> => void (await Promise.all(tickers.map((ticker) => ticker.tick())));
    await tick();
    expect(await runs(server)).toEqual([]);
    now = Date.parse("2026-11-21T03:29:59Z");
    await tick();
    expect(await runs(server)).toEqual([]);
    // 4:30 in Berlin, and then nobody is there for three days.
    now = Date.parse("2026-11-21T03:30:01Z");
    await tick();
    await tick();
    expect(await runs(server)).toMatchObject([{ trigger: "cron", git_ref: "refs/heads/main", git_sha: sha }]);
    now = Date.parse("2026-11-24T11:00:00Z");
    await tick();
    const [newest, ...older] = await runs(server);
    expect(older).toHaveLength(1);
    expect(await ended(server, newest.id)).toMatchObject({
      status: "success",
      trigger_event: {
        kind: "cron",
        due_at: Date.parse("2026-11-24T03:30:00Z"),
        reason: 'the schedule "30 4 * * *" (Europe/Berlin) was due',
      },
    });
    // It is taken out of the file, and nobody tells of the push.
    repository.push({ "waybill.yaml": `name: x\njobs: { a: { steps: [{ name: s, script: ["true"] }] } }\n` });
    now = Date.parse("2026-11-25T11:00:00Z");
    await tick();
    expect(await runs(server)).toHaveLength(2);
  });

  test.each([
    ["at once", 0],
    ["while it looks at it", 300],
  ])(
    "of a webhook that was answered are not lost when the server is killed %s",
    async (_when, delayMs) => {
      const sha = repository.push({
        "waybill.yaml": `name: x\njobs: { a: { steps: [{ name: s, script: ["echo x >> ${root}/count"] }] } }\n`,
      });
      const data = join(root, "data");
      const before = await testServer(data);
      const secret = await githubSecret(before, await createPipeline(before));
      await before.close();
      // A git that fetches nothing as long as its server lives.
      mkdirSync(join(root, "bin"));
      const real = execFileSync("which", ["git"]).toString().trim();
      const script = `#!/bin/sh\ncase " $* " in *" clone "*|*" fetch "*) touch ${root}/fetching; while kill -0 $PPID 2>/dev/null; do sleep 0.02; done; exit 1;; esac\nexec ${real} "$@"\n`;
      writeFileSync(join(root, "bin/git"), script);
      chmodSync(join(root, "bin/git"), 0o755);
      const args = ["server", "--data", data, "--listen", "127.0.0.1:0", "--executor", "process"];
      const child = spawn(process.execPath, [MAIN, ...args, "--file-repositories", "/"], {
        env: { PATH: `${join(root, "bin")}:${process.env["PATH"]}`, HOME: root },
        stdio: ["ignore", "pipe", "pipe"],
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      let printed = "";
      child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
      const url = await vi.waitFor(
        () => {
          const match = /http:\/\/127\.0\.0\.1:\d+/.exec(printed);
          expect(match).not.toBeNull();
          return match?.[0] ?? "";
        },
        { timeout: 20_000 },
      );
      const sent = githubWebhook(secret, "push", push(sha));
      expect((await sendWebhook(url, sent)).status).toBe(202);
      await vi.waitFor(() => expect(existsSync(join(root, "fetching"))).toBe(true), { timeout: 10_000 });
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      const exited = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await exited;

      const after = await testServer(data);
      expect((await sendWebhook(after.url, sent)).status).toBe(200);
      const [run] = await vi.waitFor(
        async () => {
          const found = await runs(after);
          expect(found).toHaveLength(1);
          return found;
        },
        { timeout: 25_000, interval: 100 },
      );
      expect(await ended(after, run.id)).toMatchObject({ status: "success", git_sha: sha });
      expect((await json(await after.get("/v1/webhook-deliveries"))).items).toMatchObject([{ outcome: "started" }]);
      expect(await runs(after)).toHaveLength(1);
      expect(readFileSync(join(root, "count"), "utf8")).toBe("x\n");
    },
    60_000,
  );
});
