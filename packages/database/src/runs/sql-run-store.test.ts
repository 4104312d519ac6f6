import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ArtifactRecord, ExecutionRecord, RunChange } from "@waybill/engine";
import { sampleRun } from "@waybill/engine/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRunStore } from "../open-run-store.ts";
import type { SqlRunStore } from "./sql-run-store.ts";

const NOTHING: RunChange = { jobs: [], steps: [], executions: [], artifacts: [], events: [] };

let directory: string;
let store: SqlRunStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "waybill-runs-"));
  store = await openRunStore(join(directory, "waybill.db"));
});

afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

test("an execution is stored", async () => {
  await store.create(sampleRun("aaaaaaaa-1"));
  const submitted: ExecutionRecord = {
    id: "execution-1",
    jobId: "aaaaaaaa-1/job-0",
    attempt: 1,
    executor: "process",
  };
  await store.commit("aaaaaaaa-1", { ...NOTHING, executions: [submitted] });
  expect(await store.executions("aaaaaaaa-1")).toEqual([submitted]);
});

test("an artifact that is saved again replaces the one of its name and job", async () => {
  await store.create(sampleRun("aaaaaaaa-1"));
  const first: ArtifactRecord = {
    id: "artifact-1",
    jobId: "aaaaaaaa-1/job-0",
    name: "app",
    ref: "first",
    sizeBytes: 5_000_000_000,
    fileCount: 1,
    createdAt: 7,
  };
  const again = { ...first, id: "artifact-2", ref: "second" };
  const other = { ...first, id: "artifact-3", jobId: "aaaaaaaa-1/job-1" };
  await store.commit("aaaaaaaa-1", { ...NOTHING, artifacts: [first] });
  await store.commit("aaaaaaaa-1", { ...NOTHING, artifacts: [again, other] });
  expect(await store.artifacts("aaaaaaaa-1")).toEqual([again, other]);
});

test("a definition that is no longer JSON is an error, not a crash", async () => {
  await store.create(sampleRun("aaaaaaaa-1"));
  const other = new DatabaseSync(join(directory, "waybill.db"));
  other.exec("UPDATE pipeline_runs SET config_snapshot = '{'");
  other.close();
  await expect(store.definition("aaaaaaaa-1")).rejects.toMatchObject({ code: "STORE_DAMAGED" });
});
