import type { NewRun, RunOrigin } from "@waybill/engine";
import { sampleRun } from "@waybill/engine/testing";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { openRunStore } from "../open-run-store.ts";
import type { SqlRunStore } from "./sql-run-store.ts";

interface Place {
  readonly address: string;
  /** From then on the database itself refuses to change a row of an event. */
  refuseUpdates(): Promise<void>;
  dispose(): Promise<void>;
}

describe("SQLite", () => {
  suite(async () => {
    const directory = await mkdtemp(join(tmpdir(), "waybill-queries-"));
    const address = join(directory, "waybill.db");
    return {
      address,
      refuseUpdates: () => {
        const database = new DatabaseSync(address);
        database.exec("create trigger kept before update on events begin select raise(abort, 'an event is kept'); end");
        database.close();
        return Promise.resolve();
      },
      dispose: () => rm(directory, { recursive: true }),
    };
  });
});

describeWith("postgres", "PostgreSQL", () => {
  suite(async () => {
    const database = await PostgresDatabase.borrow();
    let isChanged = false;
    return {
      address: database.url,
      refuseUpdates: async () => {
        isChanged = true;
        await database.execute(`
          create function kept() returns trigger language plpgsql as $$ begin raise 'an event is kept'; end $$;
          create trigger kept before update on events for each row execute function kept()`);
      },
      dispose: () => (isChanged ? database.drop() : database.giveBack()),
    };
  });
});

const START = 1_700_000_000_000;

function runOf(id: string, origin: Partial<RunOrigin>, change: Partial<NewRun> = {}): NewRun {
  return {
    ...sampleRun(id),
    ...change,
    origin: {
      pipelineId: "l1",
      gitRef: "refs/heads/main",
      gitSha: "a".repeat(40),
      triggerEvent: {},
      inputs: {},
      concurrencyGroup: null,
      rerunOf: null,
      ...origin,
    },
  };
}

function suite(makePlace: () => Promise<Place>): void {
  let place: Place;
  let store: SqlRunStore;
  const others: SqlRunStore[] = [];

  beforeEach(async () => {
    place = await makePlace();
    store = await openRunStore(place.address);
    const records = store.projectRecords();
    for (const [project, pipelines] of [
      ["p1", ["l1", "l2"]],
      ["p2", ["l3"]],
    ] as const) {
      await records.projects.create({ id: project, name: project, createdAt: 1, updatedAt: 1 });
      await records.repositories.findOrCreate({
        id: `r${project}`,
        projectId: project,
        url: "https://git.example.com/x.git",
        defaultBranch: "main",
        createdAt: 1,
      });
      for (const id of pipelines) {
        const pipeline = { id, projectId: project, repositoryId: `r${project}`, name: id };
        await records.pipelines.create({ ...pipeline, configPath: "waybill.yaml", createdAt: 1 });
      }
    }
  });

  afterEach(async () => {
    for (const other of others.splice(0)) await other.close();
    await store.close();
    await place.dispose();
  });

  test("pages of runs are narrowed by project, ref, trigger and time, and each filter by the others", async () => {
    const pipelines = ["l1", "l2", "l3"];
    for (let n = 0; n < 12; n += 1) {
      const gitRef = n % 2 === 0 ? "refs/heads/main" : "refs/tags/v1";
      const origin = { pipelineId: pipelines[n % 3] ?? "", gitRef };
      const change = { trigger: n % 4 === 0 ? "cron" : "push", createdAt: START + n * 1_000 };
      await store.create(runOf(`run-${n}-xxxxx`, origin, change));
    }
    await store.create(sampleRun("local-xxxxx"));
    const numbers = async (query: Partial<Parameters<typeof store.page>[0]>): Promise<number[]> =>
      (await store.page({ limit: 50, ...query })).map(({ number }) => number);
    expect(await numbers({})).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(await numbers({ projectIds: ["p2"] })).toEqual([12, 9, 6, 3]);
    expect(await numbers({ projectIds: ["p1", "p2"], limit: 3 })).toEqual([12, 11, 10]);
    expect(await numbers({ projectIds: ["p1"], before: 8, limit: 2 })).toEqual([7, 5]);
    expect(await numbers({ projectIds: [] })).toEqual([]);
    expect(await numbers({ projectIds: ["gone"] })).toEqual([]);
    expect(await numbers({ projectIds: ["p2"], pipelineId: "l1" })).toEqual([]);
    expect(await numbers({ projectIds: ["p1"], pipelineId: "l1" })).toEqual([10, 7, 4, 1]);
    expect(await numbers({ gitRef: "refs/tags/v1", projectIds: ["p2"] })).toEqual([12, 6]);
    expect(await numbers({ trigger: "cron" })).toEqual([9, 5, 1]);
    expect(await numbers({ since: START + 9_000 })).toEqual([12, 11, 10]);
    expect(await numbers({ since: START + 2_000, until: START + 5_000, projectIds: ["p1", "p2"] })).toEqual([5, 4, 3]);
    expect(await numbers({ until: START })).toEqual([]);
    expect(await numbers({ number: 6, projectIds: ["p2"] })).toEqual([6]);
    expect(await numbers({ number: 5, projectIds: ["p2"] })).toEqual([]);
    expect(await numbers({ number: 7, pipelineId: "l1" })).toEqual([7]);
    expect(await numbers({ since: START + 99_000 })).toEqual([]);
  });

  test("many pipelines are looked through run by run", async () => {
    const records = store.projectRecords();
    for (let n = 0; n < 40; n += 1) {
      const pipeline = { id: `m${n}`, projectId: "p1", repositoryId: "rp1", name: `m${n}` };
      await records.pipelines.create({ ...pipeline, configPath: "waybill.yaml", createdAt: 1 });
    }
    for (const [index, pipelineId] of ["m1", "l3", "m39"].entries()) {
      await store.create(runOf(`run-${index}-xxxxx`, { pipelineId }));
    }
    expect((await store.page({ limit: 9, projectIds: ["p1"] })).map(({ number }) => number)).toEqual([3, 1]);
  });

  test("the feed has the events of all runs once, in an order that only grows, whoever places them, and changes none", async () => {
    const other = await openRunStore(place.address);
    others.push(other);
    await place.refuseUpdates();
    const ids = Array.from({ length: 6 }, (_, index) => `run-${index}-xxxxx`);
    for (const id of ids) await store.create(id === "run-5-xxxxx" ? sampleRun(id) : runOf(id, { pipelineId: "l3" }));
    const event = { type: "job.started", job: "job-0", attempt: 1, executor: "process" } as const;
    let isOver = false;
    const writing = Promise.all(
      ids.map(async (id, index) => {
        const from = index % 2 === 0 ? store : other;
        for (let n = 0; n < 15; n += 1) {
          const events = [0, 1].map(() => ({ time: START + n, event }));
          await from.commit(id, { jobs: [], steps: [], executions: [], artifacts: [], events });
        }
      }),
    ).then(() => (isOver = true));
    const seen: { position: number; runId: string; seq: number; projectId: string | null }[] = [];
    for (let isLast = false; !isLast;) {
      isLast = isOver;
      // SQLite answers at once: without a pause nothing else would have its turn.
      await setImmediate();
      await Promise.all([store.placeEvents(7), other.placeEvents(7)]);
      while (isLast && (await store.placeEvents(50)) > 0);
      const page = await other.feed(seen.at(-1)?.position ?? 0, 1_000);
      seen.push(...page.filter((entry) => "event" in entry));
    }
    await writing;
    expect(seen.map(({ position }) => position)).toEqual(Array.from({ length: 180 }, (_, index) => index + 1));
    for (const id of ids) {
      const sequence = seen.filter(({ runId }) => runId === id).map(({ seq }) => seq);
      expect(sequence).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    }
    expect(new Set(seen.map(({ projectId }) => projectId))).toEqual(new Set(["p2", null]));
    expect(await store.feedEnd()).toBe(180);
    expect(await store.feed(170, 3)).toMatchObject([{ position: 171 }, { position: 172 }, { position: 173 }]);
  });

  test("a run is stored with jobs that an earlier one has made", async () => {
    const run = sampleRun("run-0-xxxxx");
    const artifacts = [{ id: "a1", name: "app", ref: "f".repeat(64), sizeBytes: 3, fileCount: 1 }];
    const [first, second] = run.jobs;
    if (first === undefined || second === undefined) throw new Error("two jobs");
    const reused = { message: "taken from run 7", outputs: { VERSION: "1" }, artifacts };
    await store.create({ ...run, jobs: [{ ...first, reused }, second] });
    expect(await store.jobs(run.id)).toMatchObject([
      { status: "success", message: "taken from run 7", attempts: 0, outputs: { VERSION: "1" }, startedAt: null },
      { status: "pending", outputs: {} },
    ]);
    expect((await store.steps(run.id)).map(({ status }) => status)).toEqual(["success", "pending"]);
    expect(await store.artifacts(run.id)).toMatchObject([{ id: "a1", jobId: first.id, ref: "f".repeat(64) }]);
  });

  test("executions are found, and what is reported of them follows the order of states", async () => {
    await store.create(runOf("run-0-xxxxx", {}));
    const execution = { id: "e1", jobId: "run-0-xxxxx/job-0", attempt: 1, executor: "process" };
    await store.commit("run-0-xxxxx", { jobs: [], steps: [], executions: [execution], artifacts: [], events: [] });
    expect(await store.findExecution("e1")).toMatchObject({ runId: "run-0-xxxxx", job: { name: "job-0" }, execution });
    expect(await store.findExecution("e2")).toBeNull();
    const reports = store.executionReports();
    const nothing = { exitCode: null, logsRef: null, message: null };
    expect(await reports.find("e1")).toBeNull();
    expect(await reports.report("e1", { status: "RUNNING", ...nothing }, 1)).toBe(true);
    expect(await reports.report("e1", { status: "RUNNING", ...nothing }, 2)).toBe(false);
    const failed = { status: "FAILED", ...nothing, exitCode: 3, message: "x" } as const;
    expect(await reports.report("e1", failed, 3)).toBe(true);
    expect(await reports.report("e1", failed, 4)).toBe(false);
    for (const status of ["PENDING", "RUNNING", "SUCCEEDED", "CANCELED"] as const) {
      const again = reports.report("e1", { status, ...nothing }, 5);
      await expect(again).rejects.toMatchObject({ code: "EXECUTION_TRANSITION" });
    }
    await expect(reports.report("e1", { ...failed, exitCode: 4 }, 5)).rejects.toMatchObject({
      code: "EXECUTION_TRANSITION",
    });
    expect(await reports.find("e1")).toEqual(failed);
  });

  test("of many that begin the same request at once, one does it, and all others get its answer", async () => {
    const records = store.idempotencyRecords();
    const begun = await Promise.all(Array.from({ length: 8 }, () => records.begin("key", "digest", 5)));
    expect(begun.filter((each) => each === "new")).toHaveLength(1);
    expect(begun.filter((each) => each === "under way")).toHaveLength(7);
    expect(await records.begin("key", "other", 6)).toBe("differs");
    const answer = { status: 201, headers: { location: "/v1/x" }, body: '{"id":"ü"}' };
    await records.answer("key", answer);
    await records.giveUp("key");
    expect(await records.begin("key", "digest", 7)).toEqual(answer);
    expect(await records.begin("other", "digest", 8)).toBe("new");
    await records.giveUp("other");
    expect(await records.begin("other", "digest", 9)).toBe("new");
    expect(await records.begin("key", "digest", 9, 5)).toEqual(answer);
    await records.removeOlderThan(9);
    expect(await records.begin("key", "else", 10)).toBe("new");
    expect(await records.begin("other", "digest", 10)).toBe("under way");
    expect(await records.begin("other", "else", 11, 10)).toBe("new");
  });
}
