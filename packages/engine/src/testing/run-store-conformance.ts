import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunEvent } from "../events.ts";
import { NO_ORIGIN, type RunChange, type RunStore } from "../ports/run-store.ts";
import { EVENTS_PER_COMMIT } from "./commit-until-killed.ts";
import { sampleRun } from "./sample-run.ts";

/** One store under test: a place of its own, which several `open` calls share. */
export interface RunStoreHarness {
  open(): Promise<RunStore>;
  /** Starts another process that opens the same place and calls `commitUntilKilled` with it and the run. */
  spawnWriter(runId: string): ChildProcess;
  /** Removes the place. Stores are closed by the suite before. */
  dispose(): Promise<void>;
}

const NOTHING: RunChange = { jobs: [], steps: [], executions: [], artifacts: [], events: [] };

/** What every run store must do, whatever it keeps runs in. */
export function runStoreConformance(name: string, makeHarness: () => Promise<RunStoreHarness>): void {
  describe(`run store: ${name}`, () => {
    let harness: RunStoreHarness;
    let opened: RunStore[];
    let writers: ChildProcess[];
    let store: RunStore;

    async function open(): Promise<RunStore> {
      const another = await harness.open();
      opened.push(another);
      return another;
    }

    beforeEach(async () => {
      opened = [];
      writers = [];
      harness = await makeHarness();
      store = await open();
    });

    /** A writer writes until it is killed; also where a test fails before it comes to that. */
    function spawnWriter(runId: string): ChildProcess {
      const writer = harness.spawnWriter(runId);
      writers.push(writer);
      return writer;
    }

    afterEach(async () => {
      for (const writer of writers) {
        if (writer.exitCode !== null || writer.signalCode !== null) continue;
        const exited = once(writer, "exit");
        writer.kill("SIGKILL");
        await exited;
      }
      for (const one of opened) await one.close();
      await harness.dispose();
    });

    test("a new run is pending and has the next number", async () => {
      const first = await store.create(sampleRun("aaaaaaaa-1"));
      const second = await store.create(sampleRun("bbbbbbbb-2"));
      expect(first).toEqual({
        id: "aaaaaaaa-1",
        number: 1,
        pipelineName: "sample",
        file: "waybill.yaml",
        trigger: "manual",
        status: "pending",
        reason: null,
        createdAt: 1_700_000_000_000,
        startedAt: null,
        finishedAt: null,
        ...NO_ORIGIN,
      });
      expect(second.number).toBe(2);
      expect(await store.find("aaaaaaaa-1")).toEqual(first);
    });

    test("jobs and steps come in the order of the definition, pending", async () => {
      await store.create(sampleRun("aaaaaaaa-1", 11, 2));
      const jobs = await store.jobs("aaaaaaaa-1");
      expect(jobs.map((job) => job.name)).toEqual(Array.from({ length: 11 }, (_, index) => `job-${index}`));
      expect(jobs[10]).toEqual({
        id: "aaaaaaaa-1/job-10",
        name: "job-10",
        status: "pending",
        reason: null,
        message: "",
        attempts: 0,
        outputs: {},
        startedAt: null,
        finishedAt: null,
      });
      const steps = await store.steps("aaaaaaaa-1");
      expect(steps).toHaveLength(22);
      expect(steps[21]).toEqual({
        id: "aaaaaaaa-1/job-10/step-1",
        jobId: "aaaaaaaa-1/job-10",
        name: "step-1",
        position: 1,
        status: "pending",
        exitCode: null,
        startedAt: null,
        finishedAt: null,
      });
    });

    test("a run that cannot be created whole leaves nothing, not even its number", async () => {
      const run = sampleRun("aaaaaaaa-1");
      const broken = { ...run, jobs: [...run.jobs, ...run.jobs] };
      await expect(store.create(broken)).rejects.toThrow();
      expect(await store.list(10)).toEqual([]);
      expect((await store.create(run)).number).toBe(1);
    });

    test("a run with 10,000 jobs is stored whole", async () => {
      await store.create(sampleRun("aaaaaaaa-1", 10_000));
      expect((await store.jobs("aaaaaaaa-1")).at(-1)?.name).toBe("job-9999");
      expect(await store.steps("aaaaaaaa-1")).toHaveLength(10_000);
    });

    test("runs are found by number, id and the beginning of an id", async () => {
      await store.create(sampleRun("aaaaaaaa-1"));
      await store.create(sampleRun("bbbbbbbb-2"));
      expect((await store.find("2"))?.id).toBe("bbbbbbbb-2");
      expect((await store.find("bbbbbbbb-2"))?.number).toBe(2);
      expect((await store.find("aaaaaaaa"))?.number).toBe(1);
    });

    test("an id that is all digits is found by its beginning", async () => {
      await store.create(sampleRun("01234567-1"));
      expect((await store.find("01234567"))?.number).toBe(1);
    });

    test.each(["aaaaaaa", "aaaaaaaa-12", "", "99", "aaaaaaa%", "aaaa_aaa", "'; drop table jobs"])(
      "nothing is found by %j",
      async (reference) => {
        await store.create(sampleRun("aaaaaaaa-1"));
        expect(await store.find(reference)).toBeNull();
      },
    );

    test("a beginning that several runs share is an error that names them", async () => {
      await store.create(sampleRun("aaaaaaaa-1"));
      await store.create(sampleRun("aaaaaaaa-2"));
      await expect(store.find("aaaaaaaa")).rejects.toMatchObject({
        code: "STORE_AMBIGUOUS_RUN",
        message: expect.stringMatching(/#2 .*#1 /),
      });
      expect((await store.find("aaaaaaaa-1"))?.number).toBe(1);
    });

    test("the list has the newest runs first and no more than asked for", async () => {
      for (const id of ["aaaaaaaa-1", "bbbbbbbb-2", "cccccccc-3"]) await store.create(sampleRun(id));
      expect((await store.list(2)).map((run) => run.number)).toEqual([3, 2]);
    });

    test("a commit changes what it names and nothing else", async () => {
      await store.create(sampleRun("aaaaaaaa-1"));
      await store.commit("aaaaaaaa-1", {
        ...NOTHING,
        run: { status: "running", startedAt: 5 },
        jobs: [{ id: "aaaaaaaa-1/job-0", status: "running", attempts: 1, startedAt: 6 }],
        steps: [{ id: "aaaaaaaa-1/job-0/step-0", status: "failed", exitCode: 2, finishedAt: 8 }],
      });
      expect(await store.find("1")).toMatchObject({ status: "running", startedAt: 5, finishedAt: null });
      const [changed, other] = await store.jobs("aaaaaaaa-1");
      expect(changed).toMatchObject({ status: "running", attempts: 1, startedAt: 6, reason: null, finishedAt: null });
      expect(other).toMatchObject({ status: "pending", attempts: 0, startedAt: null });
      const [step, otherStep] = await store.steps("aaaaaaaa-1");
      expect(step).toMatchObject({ status: "failed", exitCode: 2, startedAt: null, finishedAt: 8 });
      expect(otherStep).toMatchObject({ status: "pending", exitCode: null });
    });

    test("a commit can set a field back to nothing", async () => {
      await store.create(sampleRun("aaaaaaaa-1"));
      const id = "aaaaaaaa-1/job-0";
      await store.commit("aaaaaaaa-1", { ...NOTHING, jobs: [{ id, reason: "step_failed", message: "exit 1" }] });
      await store.commit("aaaaaaaa-1", { ...NOTHING, jobs: [{ id, reason: null, message: "" }] });
      expect((await store.jobs("aaaaaaaa-1"))[0]).toMatchObject({ reason: null, message: "" });
    });

    test("events are numbered from 1 in each run, in order, and come back as they were", async () => {
      await store.create(sampleRun("aaaaaaaa-1"));
      await store.create(sampleRun("bbbbbbbb-2"));
      const [first, ...rest] = everyKindOfEvent();
      if (first === undefined) throw new Error("no events");
      await store.commit("aaaaaaaa-1", { ...NOTHING, events: [{ time: 10, event: first }] });
      await store.commit("bbbbbbbb-2", { ...NOTHING, events: [{ time: 11, event: first }] });
      await store.commit("aaaaaaaa-1", { ...NOTHING, events: rest.map((event) => ({ time: 12, event })) });
      const events = await store.events("aaaaaaaa-1", 0, 100);
      expect(events.map(({ seq, event }) => [seq, event])).toEqual(
        everyKindOfEvent().map((event, index) => [index + 1, event]),
      );
      expect(events.map(({ time }) => time).slice(0, 2)).toEqual([10, 12]);
      expect((await store.events("bbbbbbbb-2", 0, 100)).map(({ seq }) => seq)).toEqual([1]);
    });

    test("events can be read on from the last one seen, a page at a time", async () => {
      await store.create(sampleRun("aaaaaaaa-1"));
      await store.commit("aaaaaaaa-1", { ...NOTHING, events: Array.from({ length: 10 }, (_, n) => numbered(n)) });
      expect((await store.events("aaaaaaaa-1", 4, 3)).map(({ seq }) => seq)).toEqual([5, 6, 7]);
      expect(await store.events("aaaaaaaa-1", 10, 3)).toEqual([]);
    });

    test.each<[string, Partial<RunChange>]>([
      ["a job of another run", { jobs: [{ id: "bbbbbbbb-2/job-0", status: "running" }] }],
      ["a step of another run", { steps: [{ id: "bbbbbbbb-2/job-0/step-0", status: "running" }] }],
      [
        "an execution of no job",
        {
          executions: [{ id: "e", jobId: "nobody", attempt: 1, executor: "process" }],
        },
      ],
    ])("a commit that names %s leaves nothing of what it held", async (_, wrong) => {
      await store.create(sampleRun("aaaaaaaa-1"));
      await store.create(sampleRun("bbbbbbbb-2"));
      const jobs = [{ id: "aaaaaaaa-1/job-0", status: "running" as const }, ...(wrong.jobs ?? [])];
      await expect(
        store.commit("aaaaaaaa-1", { ...NOTHING, run: { status: "running" }, events: [numbered(0)], ...wrong, jobs }),
      ).rejects.toThrow();
      expect(await store.find("1")).toMatchObject({ status: "pending" });
      expect((await store.jobs("aaaaaaaa-1"))[0]).toMatchObject({ status: "pending" });
      expect(await store.events("aaaaaaaa-1", 0, 10)).toEqual([]);
    });

    test("commits that are made at the same time all arrive, and their events stay together", async () => {
      await store.create(sampleRun("aaaaaaaa-1"));
      await Promise.all(
        Array.from({ length: 40 }, (_, n) =>
          store.commit("aaaaaaaa-1", { ...NOTHING, events: [numbered(n), numbered(n)] }),
        ),
      );
      const events = await store.events("aaaaaaaa-1", 0, 1_000);
      expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
      for (let at = 0; at < 80; at += 2) expect(events[at + 1]?.time).toBe(events[at]?.time);
    });

    test("two processes can commit to one run, and neither loses anything", { timeout: 60_000 }, async () => {
      await store.create(sampleRun("aaaaaaaa-1"));
      const writer = spawnWriter("aaaaaaaa-1");
      const exited = once(writer, "exit");
      while (writer.exitCode === null && (await lastSeq(store, "aaaaaaaa-1")) === 0) await pause();
      for (let n = 0; n < 5; n += 1) await store.commit("aaaaaaaa-1", { ...NOTHING, events: [numbered(-1 - n)] });
      writer.kill("SIGKILL");
      await exited;
      const events = await store.events("aaaaaaaa-1", 0, 1_000_000);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      const ours = events.filter(({ time }) => time < 0);
      expect(ours.map(({ time }) => time)).toEqual([-1, -2, -3, -4, -5]);
      expect(events.length - ours.length).toBeGreaterThan(0);
      expect((events.length - ours.length) % EVENTS_PER_COMMIT).toBe(0);
    });

    test("what was committed is there after closing and opening again", async () => {
      const created = await store.create(sampleRun("aaaaaaaa-1"));
      await store.commit("aaaaaaaa-1", { ...NOTHING, run: { status: "running" }, events: [numbered(0)] });
      await store.close();
      opened = [];
      const again = await open();
      expect(await again.find("1")).toEqual({ ...created, status: "running" });
      expect(await again.events("aaaaaaaa-1", 0, 10)).toHaveLength(1);
      expect((await again.create(sampleRun("bbbbbbbb-2"))).number).toBe(2);
    });

    test("a run that is claimed cannot be claimed by another until it is released", async () => {
      const other = await open();
      const claim = await store.claim("aaaaaaaa-1");
      expect(await other.claim("aaaaaaaa-1")).toBeNull();
      expect(await store.claim("aaaaaaaa-1")).toBeNull();
      const unrelated = await other.claim("bbbbbbbb-2");
      expect(unrelated).not.toBeNull();
      await claim?.release(false);
      const next = await other.claim("aaaaaaaa-1");
      expect(next).not.toBeNull();
      expect((await store.claimed()).toSorted()).toEqual(["aaaaaaaa-1", "bbbbbbbb-2"]);
      await Promise.all([next?.release(true), unrelated?.release(true)]);
      expect(await store.claimed()).toEqual([]);
    });

    test("a claim ends with the process that has it", { timeout: 60_000 }, async () => {
      await store.create(sampleRun("aaaaaaaa-1"));
      const writer = spawnWriter("aaaaaaaa-1");
      const exited = once(writer, "exit");
      // The writer claims the run before it writes.
      while (writer.exitCode === null && (await lastSeq(store, "aaaaaaaa-1")) === 0) await pause();
      expect(await store.claim("aaaaaaaa-1")).toBeNull();
      writer.kill("SIGKILL");
      await exited;
      const claim = await store.claim("aaaaaaaa-1");
      expect(claim).not.toBeNull();
      await claim?.release(false);
      expect(await store.claimed()).toEqual(["aaaaaaaa-1"]);
    });

    test("what a run was created with comes back as it was given", async () => {
      const run = { ...sampleRun("aaaaaaaa-1", 3, 2), parameterNames: ["TOKEN", "BRANCH"] };
      await store.create(run);
      expect(await store.definition("aaaaaaaa-1")).toEqual(run.definition);
      expect(await store.parameterNames("aaaaaaaa-1")).toEqual(["TOKEN", "BRANCH"]);
      expect([await store.definition("unknown"), await store.parameterNames("unknown")]).toEqual([null, []]);
    });

    test("another process that has it open sees a commit at once", async () => {
      const other = await open();
      await store.create(sampleRun("aaaaaaaa-1"));
      expect(await other.list(10)).toHaveLength(1);
    });

    test(
      "a writer killed in the middle leaves whole transitions and events without a gap",
      { timeout: 60_000 },
      async () => {
        await store.create(sampleRun("aaaaaaaa-1"));
        for (let round = 0; round < 3; round += 1) {
          const seen = await lastSeq(store, "aaaaaaaa-1");
          const writer = spawnWriter("aaaaaaaa-1");
          const exited = once(writer, "exit");
          // A prime number of events, so that the kill does not fall on the same place of a transition each time.
          while (writer.exitCode === null && (await lastSeq(store, "aaaaaaaa-1")) < seen + 37) await pause();
          writer.kill("SIGKILL");
          expect(await exited).toEqual([null, "SIGKILL"]);
        }
        const again = await open();
        const events = await again.events("aaaaaaaa-1", 0, 1_000_000);
        expect(events.length).toBeGreaterThanOrEqual(3 * 37);
        expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
        expect(events.length % EVENTS_PER_COMMIT).toBe(0);
        // The job's counter is written in the same transactions as the events.
        expect((await again.jobs("aaaaaaaa-1"))[0]?.attempts).toBe(events.length / EVENTS_PER_COMMIT);
      },
    );
  });
}

async function lastSeq(store: RunStore, runId: string): Promise<number> {
  return (await store.events(runId, 0, 1_000_000)).at(-1)?.seq ?? 0;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

function numbered(n: number): { readonly time: number; readonly event: RunEvent } {
  return { time: n, event: { type: "job.started", job: "job-0", attempt: n, executor: "process" } };
}

function everyKindOfEvent(): readonly RunEvent[] {
  const finished = { status: "failed", reason: "step_failed", duration_ms: 12.5 } as const;
  return [
    { type: "run.started", pipeline: "sample", number: 1, jobs: ["job-0", "job-1"] },
    { type: "run.resumed", pipeline: "sample", number: 1, jobs: ["job-1"] },
    { type: "job.started", job: "job-0", attempt: 1, executor: "process" },
    { type: "step.started", job: "job-0", step: 'quotes " and \u2028 and 🚚', attempt: 1 },
    { ...finished, type: "step.finished", job: "job-0", step: "s", attempt: 1, exit_code: null, signal: "SIGKILL" },
    {
      type: "job.retry",
      job: "job-0",
      step: null,
      attempt: 1,
      reason: "step_failed",
      message: "exit 1",
      delay_ms: 1000,
    },
    { ...finished, type: "job.finished", job: "job-0", message: "exit 1", attempts: 2 },
    { ...finished, type: "run.finished", jobs: { "job-0": { ...finished, message: "exit 1", attempts: 2 } } },
  ];
}
