import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SlipClient } from "../client.ts";
import type { SlipStore, SlipSummary, StoredSlip } from "../ports/slip-store.ts";
import { DEFAULT_ROUTE } from "../route/route.ts";
import type { Slip } from "../slip.ts";
import type { SlipHeader } from "../state/events.ts";
import { foldSlip } from "../state/fold.ts";
import { sampleEvent, sampleHeader, shaOf } from "./fixtures.ts";
import { componentOfWriter, ENTRIES_PER_WRITER, writeSlips } from "./write-slips.ts";

/** One store under test: a place of its own, which several `open` calls share. */
export interface SlipStoreHarness {
  open(): Promise<SlipStore>;
  /**
   * Starts another process that opens the same place and calls `writeSlips` with it and these. Absent where slips do not
   * outlive the process.
   */
  spawnWriters?(correlationId: string, first: number, count: number): ChildProcess;
  /** Removes the place. Stores are closed by the suite before. */
  dispose(): Promise<void>;
}

const WRITERS = 50;
const PROCESSES = 3;

/** What every slip store must do, whatever it keeps slips in. Slips of its tests have repositories of their own. */
export function slipStoreConformance(kind: string, makeHarness: () => Promise<SlipStoreHarness>): void {
  describe(`slip store: ${kind}`, () => {
    let harness: SlipStoreHarness;
    let store: SlipStore;
    let count = 0;
    /** Of the test alone: the place is shared by all. */
    let repository: string;

    beforeAll(async () => {
      harness = await makeHarness();
      store = await harness.open();
    });

    afterAll(async () => {
      await store.close();
      await harness.dispose();
    });

    beforeEach(() => {
      count += 1;
      repository = `octo-org/shop-${count}`;
    });

    function header(id: string, fields: Partial<SlipHeader> = {}): SlipHeader {
      return sampleHeader(`${count}-${id}`, { repository, sourceRepository: repository, ...fields });
    }

    async function make(id: string, fields: Partial<SlipHeader> = {}): Promise<SlipHeader> {
      const made = header(id, fields);
      expect(await store.create(made)).toBe(true);
      return made;
    }

    async function slip(correlationId: string): Promise<Slip> {
      const stored = await store.load(correlationId);
      if (stored === null) throw new Error("there is no such slip");
      return foldSlip(stored.header, stored.events, DEFAULT_ROUTE);
    }

    function ids(slips: readonly SlipSummary[]): readonly string[] {
      return slips.map(({ slipId }) => slipId);
    }

    describe("a new slip", () => {
      test("comes back as it was made, by each of its keys", async () => {
        const made = await make("a", {
          repository,
          sourceRepository: "Mona/Fork",
          branch: "feature/';drop table x--\u001b[31m",
          createdAt: 1_700_000_000_123,
          components: [{ name: "größe \u{1f600}", dockerfilePath: "" }],
          ancestry: [
            {
              commitSha: shaOf("x"),
              repository,
              correlationId: "c",
              status: "failed",
              failedStep: "dev_tests",
              link: "squash",
            },
          ],
        });
        const expected: StoredSlip = { header: made, events: [], version: expect.any(String) as string };
        expect(await store.load(made.correlationId)).toEqual(expected);
        expect(await store.loadById(made.slipId)).toEqual(expected);
        expect(await store.loadByCommit(repository, made.commitSha)).toEqual(expected);
      });

      test("is not there before it is made", async () => {
        expect(await store.load("nobody")).toBeNull();
        expect(await store.loadById("nobody")).toBeNull();
        expect(await store.loadByCommit(repository, shaOf("nobody"))).toBeNull();
        expect(await store.findByCommit(repository, "abcdef0")).toBeNull();
        expect(await store.version("nobody")).toBeNull();
        expect(await store.list({ repositories: [repository], limit: 5 })).toEqual([]);
      });

      test("is the only one of its commit, of ten that are made at once", async () => {
        const other = await harness.open();
        const answers = await Promise.all(
          Array.from({ length: 10 }, (_, index) =>
            (index % 2 === 0 ? store : other).create(
              header(`x${index}`, { commitSha: shaOf("one"), correlationId: `c-${count}-${index}` }),
            ),
          ),
        );
        await other.close();
        expect(answers.filter(Boolean)).toHaveLength(1);
        const all = await store.list({ repositories: [repository], limit: 20 });
        expect(all).toHaveLength(1);
        expect(all[0]?.slipId).toBe(header(`x${answers.indexOf(true)}`).slipId);
      });

      test("of a fork stands beside that of its upstream, and behind it", async () => {
        const fork = await make("fork", { sourceRepository: "mona/fork", commitSha: shaOf("same"), createdAt: 9_000 });
        const own = await make("own", { commitSha: shaOf("same") });
        expect((await store.loadByCommit(repository, shaOf("same")))?.header).toEqual(own);
        expect((await store.loadByCommit(repository, shaOf("same"), "MONA/fork"))?.header).toEqual(fork);
        expect(ids(await store.findAllByCommits([repository], [shaOf("same")]))).toEqual([own.slipId]);
        expect((await store.findByCommit(repository, shaOf("same").slice(0, 8)))?.slipId).toBeDefined();
      });

      test("has a correlation id of its own", async () => {
        const made = await make("a");
        const another = header("b", { correlationId: made.correlationId });
        await expect(store.create(another)).rejects.toMatchObject({ code: "SLIP_CORRELATION_TAKEN" });
      });
    });

    describe("events", () => {
      test("come back in the order they were added, whatever their times say", async () => {
        const { slipId, correlationId } = await make("a");
        const events = [
          sampleEvent(`${count}-1`, { time: 9_000, message: "first" }),
          sampleEvent(`${count}-2`, { time: 1_000, status: "completed", actor: "mona" }),
          sampleEvent(`${count}-3`, { kind: "slip", step: "", status: "promoted", promotedTo: "corr-x" }),
        ];
        await store.append(slipId, events.slice(0, 2));
        await store.append(slipId, events.slice(2));
        expect((await store.load(correlationId))?.events).toEqual(events);
        expect((await slip(correlationId)).steps["dev_deploy"]).toMatchObject({ status: "completed", actor: "mona" });
      });

      test("are added once, however often they are sent", async () => {
        const { slipId, correlationId } = await make("a");
        const events = [sampleEvent(`${count}-1`), sampleEvent(`${count}-2`, { status: "completed" })];
        await store.append(slipId, events.slice(0, 1));
        await Promise.all([store.append(slipId, events), store.append(slipId, events)]);
        expect((await store.load(correlationId))?.events.map(({ id }) => id)).toEqual([`${count}-1`, `${count}-2`]);
      });

      test("change the version, and nothing else does", async () => {
        const { slipId, correlationId } = await make("a");
        const before = await store.version(correlationId);
        expect(await store.version(correlationId)).toBe(before);
        expect((await store.load(correlationId))?.version).toBe(before);
        const versions = await store.append(slipId, [sampleEvent(`${count}-1`)]);
        const after = await store.version(correlationId);
        expect(after).not.toBe(before);
        expect((await store.load(correlationId))?.version).toBe(after);
        if (versions.before !== "") expect(versions).toEqual({ before, after });
      });

      test("belong to a slip", async () => {
        await expect(store.append("nobody", [sampleEvent(`${count}-1`)])).rejects.toMatchObject({
          code: "SLIP_NOT_FOUND",
        });
      });

      test("show in the summary", async () => {
        const { slipId, commitSha } = await make("a");
        await store.append(slipId, [sampleEvent(`${count}-1`, { status: "failed", time: 5_000 })]);
        const [summary] = await store.findAllByCommits([repository], [commitSha]);
        expect(summary).toMatchObject({ slipId, status: "failed", createdAt: 1_000, updatedAt: 5_000, promotedTo: "" });
        const promoted = { kind: "slip", status: "promoted", promotedTo: "corr-x" } as const;
        // It has ended: whoever comes later changes nothing.
        await store.append(slipId, [sampleEvent(`${count}-2`, promoted)]);
        expect((await store.findByCommit(repository, commitSha))?.status).toBe("failed");
        await store.append(slipId, [sampleEvent(`${count}-3`, { status: "completed" })]);
        await store.append(slipId, [sampleEvent(`${count}-4`, promoted)]);
        expect(await store.findByCommit(repository, commitSha)).toMatchObject({
          status: "promoted",
          promotedTo: "corr-x",
        });
      });
    });

    describe("by commits", () => {
      test("slips come in the order of the commits, one for each", async () => {
        const [a, b, c] = [await make("a"), await make("b"), await make("c")];
        const other = sampleHeader(`${count}-other`, { repository: `${repository}-2`, commitSha: a.commitSha });
        await store.create(other);
        const commits = [c.commitSha, shaOf("nobody"), a.commitSha];
        expect(ids(await store.findAllByCommits([repository], commits))).toEqual([c.slipId, a.slipId]);
        expect(ids(await store.findAllByCommits([repository.toUpperCase()], [b.commitSha]))).toEqual([b.slipId]);
        expect(ids(await store.findAllByCommits([repository, `${repository}-2`], commits))).toEqual([
          c.slipId,
          a.slipId,
          other.slipId,
        ]);
        expect(await store.findAllByCommits([repository], [])).toEqual([]);
        expect(await store.findAllByCommits([], commits)).toEqual([]);
      });

      test("thousands may be asked for at once", async () => {
        const { commitSha, slipId } = await make("a");
        const commits = [...Array.from({ length: 10_000 }, (_, index) => shaOf(`n${index}`)), commitSha];
        expect(ids(await store.findAllByCommits([repository], commits))).toEqual([slipId]);
      });

      test("a beginning finds the newest, and a whole name exactly its own", async () => {
        await make("a", { commitSha: `abc1234${"0".repeat(33)}`, createdAt: 1_000 });
        const newest = await make("b", { commitSha: `abc1234${"1".repeat(33)}`, createdAt: 3_000 });
        await make("c", { commitSha: `abc1235${"1".repeat(33)}`, createdAt: 9_000 });
        const short = await make("d", { commitSha: "abc12340", createdAt: 500 });
        expect((await store.findByCommit(repository, "abc1234"))?.slipId).toBe(newest.slipId);
        expect((await store.findByCommit(repository, "abc12340"))?.slipId).toBe(short.slipId);
        expect(await store.findByCommit(repository, "abc1239")).toBeNull();
      });
    });

    describe("a list", () => {
      test("has the newest first, of what was asked for, a page at a time", async () => {
        const old = await make("old", { createdAt: 1_000, branch: "feature" });
        const [x, y] = [await make("x", { createdAt: 2_000 }), await make("y", { createdAt: 2_000 })];
        await store.append(x.slipId, [sampleEvent(`${count}-1`, { status: "failed" })]);
        const of = { repositories: [repository], limit: 10 };
        expect(ids(await store.list(of))).toEqual([y.slipId, x.slipId, old.slipId]);
        expect(ids(await store.list({ ...of, limit: 1 }))).toEqual([y.slipId]);
        expect(ids(await store.list({ ...of, after: { createdAt: 2_000, slipId: y.slipId } }))).toEqual([
          x.slipId,
          old.slipId,
        ]);
        expect(ids(await store.list({ ...of, branch: "feature" }))).toEqual([old.slipId]);
        expect(ids(await store.list({ ...of, statuses: ["failed", "promoted"] }))).toEqual([x.slipId]);
        expect(ids(await store.list({ ...of, createdBefore: 2_000 }))).toEqual([old.slipId]);
        expect(ids(await store.list({ ...of, createdFrom: 2_000 }))).toEqual([y.slipId, x.slipId]);
        expect(await store.list({ ...of, repositories: [] })).toEqual([]);
      });
    });

    test("an aborted signal ends each operation", async () => {
      const { correlationId, slipId, commitSha } = await make("a");
      const signal = AbortSignal.abort(new Error("enough"));
      const calls = [
        store.create(header("b"), signal),
        store.append(slipId, [sampleEvent(`${count}-1`)], signal),
        store.load(correlationId, signal),
        store.loadById(slipId, signal),
        store.loadByCommit(repository, commitSha, undefined, signal),
        store.findByCommit(repository, commitSha, signal),
        store.findAllByCommits([repository], [commitSha], signal),
        store.version(correlationId, signal),
        store.list({ limit: 1 }, signal),
      ];
      for (const call of await Promise.allSettled(calls)) expect(call).toMatchObject({ reason: { message: "enough" } });
      expect((await store.load(correlationId))?.events).toEqual([]);
    });

    test(`no update of ${WRITERS} writers at once on one slip is lost`, async () => {
      const client = new SlipClient({ store });
      const correlationId = `corr-${count}-many`;
      const names = Array.from({ length: WRITERS }, (_, index) => componentOfWriter(index));
      const components = names.map((component) => ({ name: component, dockerfilePath: "" }));
      await client.createSlipForPush({ correlationId, repository, commitSha: shaOf("many"), components });

      const processes = Array.from({ length: PROCESSES }, (_, index) => {
        const first = Math.floor((index * WRITERS) / PROCESSES);
        const some = Math.floor(((index + 1) * WRITERS) / PROCESSES) - first;
        // This process is one of them.
        return harness.spawnWriters === undefined || index === 0
          ? writeSlips(store, correlationId, first, some)
          : ended(harness.spawnWriters(correlationId, first, some));
      });
      await Promise.all(processes);

      const { components: written, steps, stateHistory } = await slip(correlationId);
      expect(written.map(({ name, statuses }) => [name, statuses["build"], statuses["unit_test"]])).toEqual(
        names.map((component) => [component, "completed", "completed"]),
      );
      for (const component of names) {
        const entries = stateHistory.filter((entry) => entry.component === component);
        expect(entries.map(({ step, status, message }) => `${step} ${status} ${message}`)).toEqual([
          "build running step started",
          "build completed step completed successfully",
          "unit_test completed step completed successfully",
        ]);
        expect(entries).toHaveLength(ENTRIES_PER_WRITER);
      }
      // Whoever was the last: the aggregates are settled, and that once.
      for (const aggregate of ["builds_completed", "unit_tests_completed"]) {
        expect(steps[aggregate]?.status).toBe("completed");
        expect(stateHistory.filter(({ step }) => step === aggregate)).toHaveLength(1);
      }
    });
  });
}

async function ended(process: ChildProcess): Promise<void> {
  const [exitCode] = (await once(process, "exit")) as [number | null];
  expect(exitCode).toBe(0);
}
