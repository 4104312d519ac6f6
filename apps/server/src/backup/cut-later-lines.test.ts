import { openRunStore } from "@waybill/database";
import type { JobRecord, LogLine } from "@waybill/engine";
import { sampleRun } from "@waybill/engine/testing";
import { openLogStore } from "@waybill/logs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { cutLaterLines } from "./cut-later-lines.ts";

/** When the last event of the run was that the backup has. */
const KNOWN = 5000;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "waybill-cut-"));
  onTestFinished(() => rm(directory, { recursive: true }));
});

function line(step: number, time: number, text: string): LogLine {
  return { step, time, text, stream: "stdout", attempt: 1, sourceOffset: 0 };
}

test("lines that jobs printed after the backup of the database are not there when they go on", async () => {
  const store = await openRunStore(join(directory, "waybill.db"));
  onTestFinished(() => store.close());
  const { projects, repositories, pipelines } = store.projectRecords();
  await projects.create({ id: "p", name: "p", createdAt: 1, updatedAt: 1 });
  const repository = { id: "r", projectId: "p", url: "https://git.example.com/x.git", defaultBranch: "main" };
  await repositories.findOrCreate({ ...repository, createdAt: 1 });
  const about = { id: "l", projectId: "p", repositoryId: "r", name: "l", configPath: "waybill.yaml", createdAt: 1 };
  await pipelines.create(about);
  const of = { gitRef: "refs/heads/main", gitSha: "a".repeat(40), triggerEvent: {}, inputs: {} };
  const origin = { ...of, pipelineId: "l", concurrencyGroup: null, rerunOf: null };
  await store.create({ ...sampleRun("run-12345678", 3, 2), origin });
  const [settled, running, pending] = (await store.jobs("run-12345678")) as [JobRecord, JobRecord, JobRecord];
  const first = (await store.steps("run-12345678")).find(
    ({ jobId, position }) => jobId === running.id && position === 0,
  );
  await store.commit("run-12345678", {
    run: { status: "running", startedAt: 1000 },
    jobs: [
      { id: settled.id, status: "success" },
      { id: running.id, status: "running" },
    ],
    steps: [{ id: first?.id ?? "", status: "running", startedAt: 4000 }],
    executions: [],
    artifacts: [],
    events: [{ time: KNOWN, event: { type: "step.started", job: running.name, step: "step-0", attempt: 1 } }],
  });
  const logs = openLogStore(join(directory, "logs"));
  for (const [job, lines] of [
    [settled, [line(0, 4000, "kept")]],
    [running, [line(0, 4500, "kept"), line(0, KNOWN + 9, "of the step that runs"), line(1, KNOWN + 20, "later")]],
    [pending, [line(0, KNOWN + 1, "later")]],
  ] as const) {
    const writer = logs.write("run-12345678", job.name);
    writer.append(lines);
    await writer.close();
  }

  await cutLaterLines(store, join(directory, "logs"));

  const kept: Record<string, string[]> = {};
  for (const { name } of [settled, running, pending]) {
    kept[name] = [];
    for await (const { text } of logs.read("run-12345678", name)) kept[name].push(text);
  }
  expect(kept).toEqual({ "job-0": ["kept"], "job-1": ["kept", "of the step that runs"], "job-2": [] });
});
