import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NO_ORIGIN, type RunOrigin } from "@waybill/engine";
import { sampleRun } from "@waybill/engine/testing";
import type { Pipeline, Project, Repository } from "@waybill/projects";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { openRunStore } from "../open-run-store.ts";
import type { SqlRunStore } from "../runs/sql-run-store.ts";

interface Place {
  /** What `openRunStore` takes. */
  readonly address: string;
  dispose(): Promise<void>;
}

const SHOP: Project = { id: "p1", name: "shop", createdAt: 1, updatedAt: 2 };
const CODE: Repository = {
  id: "r1",
  projectId: "p1",
  url: "https://git.example.com/shop.git",
  defaultBranch: "main",
  createdAt: 3,
};
const BUILD: Pipeline = {
  id: "l1",
  projectId: "p1",
  repositoryId: "r1",
  name: "build",
  configPath: "waybill.yaml",
  createdAt: 4,
};
const ORIGIN: RunOrigin = {
  pipelineId: "l1",
  gitRef: "refs/heads/main",
  gitSha: "a".repeat(40),
  triggerEvent: { type: "push", before: null, commits: [{ message: "ü \u2028" }] },
  inputs: { NAME: "x", COUNT: 3, FAST: true },
  concurrencyGroup: "deploy",
  rerunOf: null,
};

describe("SQLite", () => {
  projectRecordsTests(async () => {
    const directory = await mkdtemp(join(tmpdir(), "waybill-projects-"));
    return { address: join(directory, "waybill.db"), dispose: () => rm(directory, { recursive: true }) };
  });
});

describeWith("postgres", "PostgreSQL", () => {
  projectRecordsTests(async () => {
    const database = await PostgresDatabase.borrow();
    return { address: database.url, dispose: () => database.giveBack() };
  });
});

function projectRecordsTests(makePlace: () => Promise<Place>): void {
  let place: Place;
  let store: SqlRunStore;

  beforeEach(async () => {
    place = await makePlace();
    store = await openRunStore(place.address);
  });

  afterEach(async () => {
    await store.close();
    await place.dispose();
  });

  async function createAll(): Promise<void> {
    const { projects, repositories, pipelines } = store.projectRecords();
    await projects.create(SHOP);
    await repositories.findOrCreate(CODE);
    await pipelines.create(BUILD);
  }

  test("what is created is found again, and nothing else", async () => {
    await createAll();
    const { projects, repositories, pipelines } = store.projectRecords();
    expect(await projects.find("p1")).toEqual(SHOP);
    expect(await repositories.find("r1")).toEqual(CODE);
    expect(await pipelines.find("l1")).toEqual(BUILD);
    expect(await pipelines.ofRepository("r1")).toEqual([BUILD]);
    expect(await repositories.withUrl(CODE.url)).toEqual([CODE]);
    expect([await projects.find("x"), await repositories.find("x"), await pipelines.find("x")]).toEqual([
      null,
      null,
      null,
    ]);
    expect(await repositories.withUrl("https://git.example.com/other.git")).toEqual([]);
  });

  test("a name is given once", async () => {
    await createAll();
    const { projects, pipelines } = store.projectRecords();
    await expect(projects.create({ ...SHOP, id: "p2" })).rejects.toMatchObject({ code: "PROJECT_NAME_TAKEN" });
    await expect(pipelines.create({ ...BUILD, id: "l2" })).rejects.toMatchObject({ code: "PIPELINE_NAME_TAKEN" });
    await projects.create({ ...SHOP, id: "p2", name: "Shop" });
    expect(await projects.page({ after: null, limit: 10 })).toHaveLength(2);
    expect(await projects.page({ after: null, limit: 10, projectIds: [] })).toEqual([]);
    expect(await projects.page({ after: null, limit: 10, projectIds: ["p2"] })).toMatchObject([{ id: "p2" }]);
  });

  test("there is one repository of an address in a project, whoever comes first", async () => {
    await createAll();
    const { repositories } = store.projectRecords();
    const attempts = ["r2", "r3", "r4"].map((id) => repositories.findOrCreate({ ...CODE, id }));
    expect(await Promise.all(attempts)).toEqual([CODE, CODE, CODE]);
  });

  test("a pipeline of a repository that does not exist is refused", async () => {
    await createAll();
    const { pipelines } = store.projectRecords();
    await expect(
      pipelines.create({ ...BUILD, id: "l2", name: "other", repositoryId: "nowhere" }),
    ).rejects.toMatchObject({ code: "STORE_FAILED" });
  });

  test("pages follow each other without gap or repetition", async () => {
    const { projects, pipelines } = store.projectRecords();
    const ids = Array.from({ length: 7 }, (_, index) => `p${index}`);
    for (const id of ids) await projects.create({ ...SHOP, id, name: id });
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const page = await projects.page({ after, limit: 3 });
      seen.push(...page.map(({ id }) => id));
      if (page.length < 3) break;
      after = page.at(-1)?.id ?? null;
    }
    expect(seen).toEqual(ids);
    expect(await pipelines.page(null, { after: null, limit: 3 })).toEqual([]);
  });

  test("pipelines are listed by project", async () => {
    await createAll();
    const { projects, pipelines } = store.projectRecords();
    await projects.create({ ...SHOP, id: "p2", name: "other" });
    expect(await pipelines.page("p1", { after: null, limit: 3 })).toEqual([BUILD]);
    expect(await pipelines.page("p2", { after: null, limit: 3 })).toEqual([]);
    expect(await pipelines.page("p1", { after: "l1", limit: 3 })).toEqual([]);
    expect(await pipelines.page(null, { after: null, limit: 3, projectIds: ["p1", "p9"] })).toEqual([BUILD]);
    expect(await pipelines.page(null, { after: null, limit: 3, projectIds: ["p9"] })).toEqual([]);
    expect(await pipelines.page("p1", { after: null, limit: 3, projectIds: [] })).toEqual([]);
  });

  test("a run keeps where it comes from", async () => {
    await createAll();
    const created = await store.create({ ...sampleRun("aaaaaaaa-1"), origin: ORIGIN });
    const { pipelineId, gitRef, gitSha, concurrencyGroup, rerunOf } = ORIGIN;
    expect(created).toMatchObject({ pipelineId, gitRef, gitSha, concurrencyGroup, rerunOf });
    expect(await store.find("aaaaaaaa-1")).toEqual(created);
    expect(await store.origin("aaaaaaaa-1")).toEqual(ORIGIN);
    expect(await store.create(sampleRun("bbbbbbbb-2"))).toMatchObject(NO_ORIGIN);
    expect([await store.origin("bbbbbbbb-2"), await store.origin("x")]).toEqual([null, null]);
  });

  test("a run of a pipeline that does not exist is refused", async () => {
    await expect(store.create({ ...sampleRun("aaaaaaaa-1"), origin: ORIGIN })).rejects.toMatchObject({
      code: "STORE_FAILED",
    });
  });

  test("runs are listed by pipeline, status and ref, newest first, page by page", async () => {
    await createAll();
    await store.projectRecords().pipelines.create({ ...BUILD, id: "l2", name: "other" });
    for (let n = 1; n <= 9; n += 1) {
      const origin = {
        ...ORIGIN,
        pipelineId: n % 3 === 0 ? "l2" : "l1",
        gitRef: n < 5 ? "refs/tags/v1" : ORIGIN.gitRef,
      };
      await store.create({ ...sampleRun(`aaaaaaaa-${n}`), origin });
    }
    await store.create(sampleRun("bbbbbbbb-1"));
    const empty = { jobs: [], steps: [], executions: [], artifacts: [], events: [] };
    await store.commit("aaaaaaaa-4", { ...empty, run: { status: "running", startedAt: 1 } });
    await store.commit("aaaaaaaa-5", { ...empty, run: { status: "failed", finishedAt: 1 } });
    async function numbers(query: Omit<Parameters<SqlRunStore["page"]>[0], "limit">, limit = 100): Promise<number[]> {
      return (await store.page({ ...query, limit })).map((run) => run.number);
    }
    expect(await numbers({})).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(await numbers({ pipelineId: "l1" }, 3)).toEqual([8, 7, 5]);
    expect(await numbers({ pipelineId: "l1", before: 5 }, 3)).toEqual([4, 2, 1]);
    expect(await numbers({ pipelineId: "l1", status: "pending" })).toEqual([8, 7, 2, 1]);
    expect(await numbers({ status: "failed" })).toEqual([5]);
    expect(await numbers({ projectIds: ["p1"] }, 3)).toEqual([9, 8, 7]);
    expect(await numbers({ projectIds: ["p2"] })).toEqual([]);
    expect(await numbers({ projectIds: [] })).toEqual([]);
    expect(await numbers({ gitRef: "refs/tags/v1" })).toEqual([4, 3, 2, 1]);
    expect((await store.unfinished(3)).map((run) => run.number)).toEqual([1, 2, 3]);
    expect((await store.unfinished(100)).map((run) => run.number)).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
  });

  test("jobs and artifacts are found by their own ids", async () => {
    await store.create(sampleRun("aaaaaaaa-1"));
    const artifact = {
      id: "artifact-1",
      jobId: "aaaaaaaa-1/job-1",
      name: "app",
      ref: "ab".repeat(32),
      sizeBytes: 10,
      fileCount: 2,
      createdAt: 1000,
    };
    await store.commit("aaaaaaaa-1", { jobs: [], steps: [], executions: [], artifacts: [artifact], events: [] });
    expect(await store.findJob("aaaaaaaa-1/job-1")).toMatchObject({ runId: "aaaaaaaa-1", job: { name: "job-1" } });
    expect(await store.findArtifact("artifact-1")).toEqual({ runId: "aaaaaaaa-1", jobName: "job-1", artifact });
    expect([await store.findJob("x"), await store.findArtifact("x")]).toEqual([null, null]);
  });
}
