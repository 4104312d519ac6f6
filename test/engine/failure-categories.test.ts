import { expect, onTestFinished, test } from "vitest";
import { driveAndKill } from "./support/drive-and-kill.ts";
import { openBench } from "./support/open-bench.ts";
import { override } from "./support/override.ts";
import { Recorder } from "./support/recorder.ts";
import { expectCleanEnd } from "./support/traces.ts";

const NO_HOST = `echo "curl: (6) Could not resolve host: registry.example.com" >&2`;

test("what a step printed decides whether it is tried again", async () => {
  const bench = await openBench();
  const run = await bench.start(`
name: by output
jobs:
  network:
    retry: { max: 1, when: [transient_dependencies] }
    steps: [{ name: fetch, script: ['${NO_HOST}', "test $WAYBILL_ATTEMPT = 2"] }]
  code:
    retry: { max: 1, when: [transient_dependencies] }
    steps: [{ name: test, script: ["echo '2 failed, 3 passed'", "exit 1"] }]
  plain:
    retry_count: 2
    steps: [{ name: missing, script: ["no-such-program-anywhere"] }]
`);
  const of = { category: "transient_dependencies", service: "registry.example.com", cause: "unresolved_host" };
  expect(await run.recorder.event("job.retry")).toMatchObject({ job: "network", ...of, retry_rule: "named" });
  const finished = (job: string) => run.recorder.event("job.finished", (event) => event.job === job);
  expect(await finished("code")).toMatchObject({ status: "failed", cause: "code_issue", retry_rule: "not_named" });
  expect(await finished("plain")).toMatchObject({ attempts: 1, cause: "not_found", retry_rule: "configuration" });
  bench.clock.advance(1000);
  expect((await run.handle.finished).jobs["network"]).toMatchObject({ status: "success", attempts: 2 });
  expect(run.recorder.eventsOf("job.retry")).toHaveLength(1);
  await expectCleanEnd(bench, run);
});

test("jobs of all runs leave a service alone that failed five times, then try it one after the other", async () => {
  const bench = await openBench();
  const job = (name: string): string => `
  ${name}:
    retry_count: 1
    steps: [{ name: fetch, script: ['${NO_HOST}', "test $WAYBILL_ATTEMPT = 2"] }]`;
  const text = (names: readonly string[]): string => `name: pounding\njobs:${names.map(job).join("")}\n`;
  const first = await bench.start(text(["a", "b", "c", "d"]));
  const retries = (): number => first.recorder.eventsOf("job.retry").length;
  await first.recorder.event("job.retry", () => retries() === 4);
  const second = await bench.start(text(["e"]));
  expect(await second.recorder.event("job.retry")).toMatchObject({
    delay_ms: 60_001,
    message: expect.stringContaining("registry.example.com failed too often") as string,
  });
  bench.clock.advance(1000);
  await first.recorder.event("job.retry", () => retries() === 8);
  expect(first.recorder.eventsOf("job.retry").slice(4)).toMatchObject(
    Array.from({ length: 4 }, () => ({ held: true, delay_ms: 59_001 })),
  );
  expect(first.recorder.eventsOf("job.started")).toHaveLength(4);
  // Jobs that find another one trying look again every five seconds.
  const ended = Promise.all([first.handle.finished, second.handle.finished]);
  let over = false;
  void ended.then(() => (over = true));
  bench.clock.advance(59_001);
  await expect
    .poll(
      () => {
        bench.clock.advance(1000);
        return over;
      },
      { timeout: 20_000 },
    )
    .toBe(true);
  for (const { status } of await ended) expect(status).toBe("success");
  await expectCleanEnd(bench, first);
});

test("what a step printed before the engine died still tells what it failed of", async () => {
  const bench = await openBench();
  onTestFinished(async () => {
    for (const { executionId } of await bench.ports.executor.list()) await bench.ports.executor.close(executionId);
  });
  await driveAndKill(
    bench.project,
    `
name: killed
jobs:
  fetch:
    retry: { max: 1, when: [transient_dependencies] }
    steps: [{ name: s, script: ['${NO_HOST}', "until [ -e ${bench.project}/go ]; do sleep 0.02; done", "test $WAYBILL_ATTEMPT = 2"] }]
`,
    (notice) => "output" in notice,
  );
  const [run] = await bench.store.list(1);
  if (run === undefined) throw new Error("the run is not stored");
  const handle = await bench.engine.resume({ run, parameters: {}, system: {}, concurrency: 4 });
  const recorder = new Recorder();
  handle.subscribe((notice) => recorder.notice(notice));
  onTestFinished(() => handle.kill());
  bench.write("go", "");
  expect(await recorder.event("job.retry")).toMatchObject({
    cause: "unresolved_host",
    service: "registry.example.com",
  });
  bench.clock.advance(1000);
  expect((await handle.finished).status).toBe("success");
});

test("what ran out of memory is told apart from what was killed, and tried again once", async () => {
  const isGreedy = new Set<string>();
  const bench = await openBench({
    wrap: (ports) => ({
      ...ports,
      // No kernel tells of processes without a limit: this one does of those of the job `greedy`.
      executor: override(ports.executor, {
        async *observeStep(...[execution, step, from]) {
          for await (const seen of ports.executor.observeStep(execution, step, from)) {
            yield seen.type === "finished" ? { ...seen, outOfMemory: isGreedy.has(execution) } : seen;
          }
        },
        async submit(spec) {
          if (spec.jobName === "greedy") isGreedy.add(spec.executionId);
          await ports.executor.submit(spec);
        },
      }),
    }),
  });
  const killed = "steps: [{ name: s, script: ['kill -9 $$'] }]";
  const run = await bench.start(`
name: memory
jobs:
  greedy: { retry_count: 5, ${killed} }
  unlucky: { ${killed} }
`);
  await run.recorder.event("job.retry");
  bench.clock.advance(1000);
  const { jobs } = await run.handle.finished;
  expect(jobs["greedy"]).toMatchObject({
    attempts: 2,
    message: expect.stringContaining("ran out of memory") as string,
  });
  expect(jobs["unlucky"]).toMatchObject({ attempts: 1, message: expect.not.stringContaining("ran out") as string });
  const finished = run.recorder.eventsOf("job.finished").toSorted((a, b) => a.job.localeCompare(b.job));
  expect(finished).toMatchObject([
    { category: "resource_exhaustion", cause: "out_of_memory", retry_rule: "out_of_memory" },
    { category: "permanent_code_issues", cause: "unknown", retry_rule: "no_retries" },
  ]);
  await expectCleanEnd(bench, run);
});
