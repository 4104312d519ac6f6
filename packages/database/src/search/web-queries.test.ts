import type { NewRun, RunOrigin } from "@waybill/engine";
import { sampleRun } from "@waybill/engine/testing";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { openRunStore } from "../open-run-store.ts";
import type { SqlRunStore } from "../runs/sql-run-store.ts";
import { rankOf, readSearch } from "./search-text.ts";
import type { SearchHit, SqlSearch, Visible } from "./sql-search.ts";

interface Place {
  readonly address: string;
  dispose(): Promise<void>;
}

describe("SQLite", () => {
  suite(async () => {
    const directory = await mkdtemp(join(tmpdir(), "waybill-search-"));
    return { address: join(directory, "waybill.db"), dispose: () => rm(directory, { recursive: true }) };
  });
});

describeWith("postgres", "PostgreSQL", () => {
  suite(async () => {
    const database = await PostgresDatabase.create();
    return { address: database.url, dispose: () => database.drop() };
  });
});

const SHA = "abcd1234".padEnd(40, "0");

function runOf(id: string, origin: Partial<RunOrigin>, createdAt: number): NewRun {
  const sample = sampleRun(id);
  const common = { triggerEvent: {}, inputs: {}, concurrencyGroup: null, rerunOf: null };
  const place = { pipelineId: "l1", gitRef: "refs/heads/main", gitSha: "e".repeat(40) };
  return { ...sample, createdAt, origin: { ...common, ...place, ...origin } };
}

function suite(makePlace: () => Promise<Place>): void {
  let place: Place;
  let store: SqlRunStore;
  let search: SqlSearch;

  beforeAll(async () => {
    place = await makePlace();
    store = await openRunStore(place.address);
    const records = store.projectRecords();
    for (const [project, name, pipeline] of [
      ["p1", "shop", "l1"],
      ["p2", "Shop front", "l2"],
    ] as const) {
      await records.projects.create({ id: project, name, createdAt: 1, updatedAt: 1 });
      const url = `https://git.example.com/${project}.git`;
      await records.repositories.findOrCreate({
        id: `r-${project}`,
        projectId: project,
        url,
        defaultBranch: "m",
        createdAt: 1,
      });
      const made = { id: pipeline, projectId: project, repositoryId: `r-${project}`, name: `deploy_${pipeline}` };
      await records.pipelines.create({ ...made, configPath: "waybill.yaml", createdAt: 2 });
    }
    await store.create(runOf("00000001-aaaa", { gitRef: "refs/heads/feature/login", gitSha: SHA }, 10));
    await store.create(runOf("00000002-aaaa", { gitRef: "refs/heads/feature/login", gitSha: SHA }, 11));
    await store.create(runOf("00000003-aaaa", { gitRef: "refs/tags/v1.0%", pipelineId: "l2", gitSha: SHA }, 12));
    await store.create(runOf("00000004-aaaa", { gitRef: "refs/pull/2/head" }, 13));
    await store.create(sampleRun("00000005-aaaa"));
    search = await store.search();
  });

  afterAll(async () => {
    await store.close();
    await place.dispose();
  });

  const find = (text: string, visible: Visible = "all", limit = 20): Promise<readonly SearchHit[]> =>
    search.find({ text, limit, projects: visible, pipelines: visible, runs: visible });
  const short = async (text: string, visible: Visible = "all"): Promise<string[]> =>
    (await find(text, visible)).map(
      ({ kind, title, runId }) => `${kind} ${title}${runId === null ? "" : ` ${runId.slice(0, 8)}`}`,
    );

  test("names are found by any part, the likest first, in any case", async () => {
    expect(await short("SHOP")).toEqual(["project shop", "project Shop front"]);
    expect(await short("front")).toEqual(["project Shop front"]);
    expect((await short("deploy_l")).toSorted()).toEqual(["pipeline deploy_l1", "pipeline deploy_l2"]);
    // What means something in a pattern is but a character.
    expect(await short("deploy%l")).toEqual([]);
    expect(await short("_l1")).toEqual(["pipeline deploy_l1"]);
    expect(await short("p1.git")).toEqual(["pipeline deploy_l1"]);
  });

  test("runs and pull requests are found by number, runs by the beginning of an id", async () => {
    expect(await short("#2")).toEqual(["pull_request #2 00000004", "run #2 00000002"]);
    expect(await short("00000003-a")).toEqual(["run #3 00000003"]);
    expect(await short("#99")).toEqual([]);
    expect(await find("#5")).toMatchObject([{ kind: "run", projectId: null, pipelineId: null, status: "pending" }]);
  });

  test("commits, branches and tags are there once in a project, with their newest run", async () => {
    expect(await short("ABCD")).toEqual([`commit ${SHA} 00000003`, `commit ${SHA} 00000002`]);
    expect(await short("login")).toEqual(["branch feature/login 00000002"]);
    expect(await short("feature/l")).toEqual(["branch feature/login 00000002"]);
    expect(await short("v1.0%")).toEqual(["tag v1.0% 00000003"]);
    expect(await short("refs/pull/")).toEqual(["pull_request #2 00000004"]);
    expect(await short("refs/tags/v")).toEqual(["tag v1.0% 00000003"]);
    expect(await find("login")).toMatchObject([
      { id: "refs/heads/feature/login", projectName: "shop", pipelineId: "l1", matchedAt: 11, jobId: null },
    ]);
  });

  test("a job is there once for its pipeline, as its newest run has it", async () => {
    const jobs = (await find("job-0")).filter(({ kind }) => kind === "job");
    expect(jobs.map(({ runId, projectId }) => [runId, projectId])).toEqual([
      ["00000005-aaaa", null],
      ["00000004-aaaa", "p1"],
      ["00000003-aaaa", "p2"],
    ]);
  });

  test("nothing of a project is found that may not be seen", async () => {
    for (const text of ["shop", "deploy", "#3", "00000003-aaaa", "abcd", "v1.0", "job-0", "#5", "#2"]) {
      const all = await find(text);
      expect((await find(text, ["p2"])).map(({ id }) => id)).toEqual(
        all.filter(({ projectId }) => projectId === "p2").map(({ id }) => id),
      );
      expect(await find(text, [])).toEqual([]);
    }
    expect(await search.find({ text: "shop", limit: 9, projects: [], pipelines: "all", runs: "all" })).toEqual([]);
  });

  test("samples of runs and jobs are as many as were asked for, and say when there are more", async () => {
    const samples = store.runSamples();
    const all = await samples.runs("l1", 0, 10);
    expect(all.items.map(({ id }) => id)).toEqual(["00000004-aaaa", "00000002-aaaa", "00000001-aaaa"]);
    expect(all).toMatchObject({
      isComplete: true,
      items: [{ status: "pending", createdAt: 13, startedAt: null }, {}, {}],
    });
    expect(await samples.runs("l1", 11, 10)).toMatchObject({ isComplete: true, items: [{}, { createdAt: 11 }] });
    expect(await samples.runs("l1", 0, 2)).toMatchObject({ isComplete: false, items: [{}, {}] });
    const ids = all.items.map(({ id }) => id);
    expect(await samples.jobs(ids, 6)).toMatchObject({ isComplete: true, items: { length: 6 } });
    expect(await samples.jobs(ids, 5)).toMatchObject({ isComplete: false, items: { length: 5 } });
  });

  test("artifacts of all runs are listed newest first, and what each project has is summed up", async () => {
    const lists = store.artifactLists();
    const commit = async (run: string, id: string, name: string, sizeBytes: number): Promise<void> => {
      const common = { jobId: `${run}/job-0`, ref: "f".repeat(64), fileCount: 1, createdAt: 5 };
      const artifacts = [{ id, name, sizeBytes, ...common }];
      await store.commit(run, { jobs: [], steps: [], executions: [], artifacts, events: [] });
    };
    await commit("00000001-aaaa", "a1", "App_1", 10);
    await commit("00000003-aaaa", "a2", "app", 20);
    await commit("00000005-aaaa", "a3", "local", 5_000_000_000);
    const ids = async (query: Partial<Parameters<typeof lists.page>[0]>): Promise<readonly string[]> =>
      (await lists.page({ limit: 9, ...query })).items.map(({ artifact }) => artifact.id);
    expect(await ids({})).toEqual(["a3", "a2", "a1"]);
    expect(await ids({ before: "a3" })).toEqual(["a2", "a1"]);
    expect(await ids({ projectIds: ["p1"] })).toEqual(["a1"]);
    expect(await ids({ projectIds: [] })).toEqual([]);
    expect(await ids({ name: "PP_" })).toEqual(["a1"]);
    expect(await ids({ runId: "00000003-aaaa", job: "job-0" })).toEqual(["a2"]);
    expect(await ids({ job: "job-1" })).toEqual([]);
    expect(await lists.page({ limit: 1 })).toMatchObject({ next: "a3", items: [{ runNumber: 5, projectId: null }] });
    expect((await lists.page({ limit: 3 })).next).toBeNull();
    const { projects, isComplete } = await lists.useByProject(10);
    expect(isComplete).toBe(true);
    expect(Object.fromEntries(projects.map(({ projectId, bytes }) => [projectId, bytes]))).toEqual({
      p1: 10,
      p2: 20,
      null: 5_000_000_000,
    });
  });

  test("the database says what it is", async () => {
    const facts = await store.databaseFacts().describe();
    expect(facts.kind).toBe(place.address.startsWith("postgres") ? "postgres" : "sqlite");
    expect(facts.version).toMatch(/^\d+\.\d+/);
    expect(facts.sizeBytes).toBeGreaterThan(10_000);
    expect(facts.migrations[0]).toBe("0001_runs");
  });

  test("one kind of thing does not crowd out the others", async () => {
    expect((await find("l", "all", 4)).map(({ kind }) => kind).toSorted()).toEqual(["branch", "pipeline", "pipeline"]);
    expect(await find("shop", "all", 1)).toHaveLength(1);
  });
}

test("a text is read as all that it could be", () => {
  expect(readSearch(" #12 ")).toMatchObject({ text: "12", number: 12, shaPrefix: null, idPrefix: null });
  expect(readSearch("#12").refPrefixes).toEqual(["refs/pull/12/", "refs/merge-requests/12/"]);
  expect(readSearch("1234")).toMatchObject({ number: 1234, shaPrefix: "1234" });
  expect(readSearch("a_%\\")).toMatchObject({ pattern: "%a\\_\\%\\\\%", number: null });
  expect(["Main", "main-2", "x-main", "xmain", "y"].map((name) => rankOf(name, "main"))).toEqual([0, 1, 2, 3, 4]);
});
