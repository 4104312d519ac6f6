import type { GateAnswer, JobGate } from "@waybill/engine";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openBench, type Bench } from "./support/open-bench.ts";
import { parse, requestFor } from "./support/pipelines.ts";

/** Answers as it is told to, to whoever asks. */
class TestGate implements JobGate {
  answer: GateAnswer = { verdict: "hold", message: "waiting for approval of production", remedy: "approve it" };
  secrets: Readonly<Record<string, string>> = { TOKEN: "s3cret-of-production" };

  guards(job: { readonly deploysTo: string | null }): boolean {
    return job.deploysTo !== null;
  }

  ask(): Promise<GateAnswer> {
    return Promise.resolve(this.answer);
  }

  secretsOf(): Promise<Readonly<Record<string, string>>> {
    return Promise.resolve(this.secrets);
  }
}

const PIPELINE = (project: string): string => `
name: held
timeout: 600
jobs:
  build: { steps: [{ name: s, script: ["echo build >> ${project}/count"] }] }
  ship:
    depends_on: [build]
    deploys_to: production
    steps:
      - name: s
        environment: { TOKEN: "\${{ secrets.TOKEN }}" }
        script: ["echo ship >> ${project}/count", 'echo "token is $TOKEN"', 'test "$TOKEN" = s3cret-of-production']
  other: { steps: [{ name: s, environment: { TOKEN: "\${{ secrets.TOKEN }}" }, script: ['echo "other has $TOKEN"'] }] }
`;

async function begin(bench: Bench): ReturnType<Bench["start"]> {
  return await bench.start(PIPELINE(bench.project), { secrets: { TOKEN: "s3cret-of-project" } });
}

async function opened(gate: JobGate, project?: string): Promise<Bench> {
  return await openBench({ ...(project === undefined ? {} : { project }), wrap: (ports) => ({ ...ports, gate }) });
}

async function untilHeld({ store }: Bench, handle: { readonly id: string; isHeld(): boolean }): Promise<void> {
  await expect.poll(() => handle.isHeld(), { timeout: 10_000 }).toBe(true);
  const ship = (await store.jobs(handle.id)).find(({ name }) => name === "ship");
  expect(ship).toMatchObject({ status: "pending", reason: "held", message: "waiting for approval of production" });
}

function lines({ project }: Bench): readonly string[] {
  return existsSync(join(project, "count")) ? readFileSync(join(project, "count"), "utf8").trim().split("\n") : [];
}

test("a job that is held begins when the run is woken, with secrets of its own that no other job has", async () => {
  const gate = new TestGate();
  const bench = await opened(gate);
  const { handle, recorder } = await begin(bench);
  await untilHeld(bench, handle);
  expect(lines(bench)).toEqual(["build"]);
  // Nobody is hurried: a run that is only held has no time-out.
  bench.clock.advance(14 * 24 * 3_600_000);
  handle.wake();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(handle.isHeld()).toBe(true);

  gate.answer = { verdict: "go", message: "approved by ann" };
  handle.wake();
  expect(await handle.finished).toMatchObject({ status: "success", warnings: [] });
  expect(lines(bench)).toEqual(["build", "ship"]);
  const said = recorder.lines("ship").join("\n");
  expect(said).toContain("token is ***");
  expect(said).not.toContain("s3cret");
  expect(recorder.lines("other")).toContain("other has ***");
  const types = (await bench.store.events(handle.id, 0, 100)).map(({ event }) => event.type);
  expect(types.filter((type) => type === "job.held" || type === "job.released")).toEqual(["job.held", "job.released"]);
});

test("a run that is left while a job is held, or is let through, goes on elsewhere, and the job runs once", async () => {
  const gate = new TestGate();
  const first = await opened(gate);
  const { handle } = await begin(first);
  await untilHeld(first, handle);
  handle.letGo();
  await expect(handle.finished).rejects.toMatchObject({ code: "RUN_LET_GO" });
  await first.close();

  const second = await opened(gate, first.project);
  const run = await second.store.find(handle.id);
  if (run === null) throw new Error("the run is gone");
  const given = { ...requestFor(parse(PIPELINE(first.project))), secrets: { TOKEN: "s3cret-of-project" } };
  const again = await second.engine.resume({ ...given, run });
  onTestFinished(() => again.kill());
  await untilHeld(second, again);
  gate.answer = { verdict: "go", message: "approved by ann" };
  // Asked for again without anybody's word: another server may have been told.
  second.clock.advance(5_000);
  await expect.poll(() => (second.clock.advance(500), lines(second)), { timeout: 10_000 }).toEqual(["build", "ship"]);
  expect(await again.finished).toMatchObject({ status: "success" });
  const events = await second.store.events(run.id, 0, 100);
  expect(events.filter(({ event }) => event.type === "job.held")).toHaveLength(1);
});

test("a job that nobody can answer for is held, and one whose secrets cannot be had fails", async () => {
  const gate = new TestGate();
  gate.ask = (): Promise<never> => Promise.reject(new Error("the store is away"));
  const bench = await opened(gate);
  const { handle } = await begin(bench);
  await expect.poll(() => handle.isHeld(), { timeout: 10_000 }).toBe(true);
  const jobs = await bench.store.jobs(handle.id);
  expect(jobs.find(({ name }) => name === "ship")?.message).toContain("the store is away");
  gate.ask = (): Promise<GateAnswer> => Promise.resolve({ verdict: "go", message: "" });
  gate.secretsOf = (): Promise<never> => Promise.reject(new Error("no key for it"));
  handle.wake();
  const { status, jobs: ended } = await handle.finished;
  expect(status).toBe("failed");
  expect(ended["ship"]).toMatchObject({ status: "failed", reason: "setup_failed" });
  expect(ended["ship"]?.message).toContain("no key for it");
  expect(lines(bench)).toEqual(["build"]);
});

test("a held run that is cancelled ends at once", async () => {
  const bench = await opened(new TestGate());
  const { handle } = await begin(bench);
  await untilHeld(bench, handle);
  handle.cancel("user");
  expect(await handle.finished).toMatchObject({ status: "cancelled", jobs: { ship: { reason: "user", attempts: 0 } } });
});
