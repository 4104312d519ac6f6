import type { RunOrigin, RunRecord } from "@waybill/engine";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Gate } from "./support/gate.ts";
import { openBench, type Bench } from "./support/open-bench.ts";
import { override } from "./support/override.ts";
import { parse, requestFor } from "./support/pipelines.ts";
import { Recorder } from "./support/recorder.ts";
import { processesWith } from "./support/traces.ts";

/** A run of a pipeline that the store knows. */
async function originIn({ store }: Bench): Promise<RunOrigin> {
  const { projects, repositories, pipelines } = store.projectRecords();
  await projects.create({ id: "p", name: "shop", createdAt: 0, updatedAt: 0 });
  await repositories.findOrCreate({ id: "r", projectId: "p", url: "file:///x", defaultBranch: "main", createdAt: 0 });
  await pipelines.create({
    id: "l",
    projectId: "p",
    repositoryId: "r",
    name: "build",
    configPath: "waybill.yaml",
    createdAt: 0,
  });
  return {
    pipelineId: "l",
    gitRef: "refs/heads/main",
    gitSha: "a".repeat(40),
    triggerEvent: {},
    inputs: {},
    concurrencyGroup: null,
    rerunOf: null,
  };
}

async function enqueue(bench: Bench, pipeline: string): Promise<RunRecord> {
  return await bench.engine.enqueue({ ...requestFor(parse(pipeline)), origin: await originIn(bench) });
}

const WAITING = (project: string): string => `
name: waiting
jobs:
  one: { steps: [{ name: s, script: ["echo x >> ${project}/count", "echo up", "until [ -e ${project}/go ]; do sleep 0.02; done"] }] }
  two: { depends_on: [one], steps: [{ name: s, script: ["echo y >> ${project}/count"] }] }
`;

test("a run that is enqueued is stored and touches nothing until it is resumed", async () => {
  const bench = await openBench({ files: { file: "content" } });
  const run = await enqueue(bench, `name: q\njobs:\n  one: { steps: [{ name: s, script: ["test -e file"] }] }\n`);
  expect(run).toMatchObject({ status: "pending", pipelineId: "l", gitRef: "refs/heads/main" });
  expect(await bench.store.events(run.id, 0, 10)).toEqual([]);
  expect(existsSync(join(bench.state, "workspaces"))).toBe(false);
  const handle = await bench.engine.resume({ run, parameters: {}, system: {}, concurrency: 1 });
  expect(await handle.finished).toMatchObject({ status: "success", warnings: [] });
  const events = await bench.store.events(run.id, 0, 10);
  expect(events.map(({ event }) => event.type)).toEqual([
    "run.started",
    "job.started",
    "step.started",
    "step.finished",
    "job.finished",
    "run.finished",
  ]);
});

test("a run that is let go of goes on where it stood in the process that resumes it", async () => {
  const first = await openBench();
  const run = await enqueue(first, WAITING(first.project));
  const request = { run, parameters: {}, system: {}, concurrency: 2 };
  const handle = await first.engine.resume(request);
  const recorder = new Recorder();
  handle.subscribe((notice) => recorder.notice(notice));
  await recorder.line("one", "up");
  handle.letGo();
  await expect(handle.finished).rejects.toMatchObject({ code: "RUN_LET_GO" });
  await first.close();
  expect(processesWith(first.project)).not.toEqual([]);

  const second = await openBench({ project: first.project });
  const again = await second.engine.resume(request);
  second.write("go", "");
  expect(await again.finished).toMatchObject({ status: "success", warnings: [] });
  expect(readFileSync(join(first.project, "count"), "utf8")).toBe("x\ny\n");
  const events = await second.store.events(run.id, 0, 100);
  expect(events.filter(({ event }) => event.type === "step.started")).toHaveLength(2);
  expect(await second.store.claimed()).toEqual([]);
});

test("a run is let go of only when the files of a job that is being prepared are all there", async () => {
  const gate = new Gate();
  const bench = await openBench({
    wrap: (ports) => ({
      ...ports,
      workspaces: override(ports.workspaces, {
        create: async (...args) => {
          await gate.pass();
          return await ports.workspaces.create(...args);
        },
      }),
    }),
  });
  const run = await enqueue(bench, WAITING(bench.project));
  const handle = await bench.engine.resume({ run, parameters: {}, system: {}, concurrency: 1 });
  const workspace = bench.ports.workspaces.locate(run.id, "one", 1);
  let wasThere: boolean | null = null;
  const ended = handle.finished.catch(() => (wasThere = existsSync(workspace)));
  await gate.reached;
  handle.letGo();
  expect(await bench.store.claim(run.id)).toBeNull();
  gate.open();
  await ended;
  expect(wasThere).toBe(true);
  const claim = await bench.store.claim(run.id);
  expect(claim).not.toBeNull();
  await claim?.release(true);
});

test("of several processes that take a run from the queue one gets it", async () => {
  const first = await openBench();
  const run = await enqueue(first, `name: q\njobs:\n  one: { steps: [{ name: s, script: ["true"] }] }\n`);
  const second = await openBench({ project: first.project });
  const request = { run, parameters: {}, system: {}, concurrency: 1 };
  const outcomes = await Promise.allSettled([first.engine.resume(request), second.engine.resume(request)]);
  const handles = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  expect(handles).toHaveLength(1);
  expect((await handles[0]?.finished)?.status).toBe("success");
});
