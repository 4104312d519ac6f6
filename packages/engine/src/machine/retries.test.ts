import { CircuitBreakers } from "@waybill/core";
import { ManualClock } from "@waybill/core/testing";
import { describe, expect, it } from "vitest";
import type { Failure } from "../failures/failure.ts";
import { BreakerHealth } from "../run/breaker-health.ts";
import { definitionOf, MachineRun, type JobSketch } from "../testing/index.ts";

const CODE: Failure = { category: "permanent_code_issues", service: null, cause: "code_issue" };
const MEMORY: Failure = { category: "resource_exhaustion", service: null, cause: "out_of_memory" };
const CONFIGURATION: Failure = { category: "configuration_errors", service: null, cause: "setting_missing" };
const REGISTRY: Failure = {
  category: "transient_dependencies",
  service: "registry.example.com",
  cause: "connection_failed",
};

function start(sketches: Readonly<Record<string, JobSketch>>, options = {}): MachineRun {
  const run = new MachineRun(definitionOf(sketches), options).start();
  for (const job of Object.keys(sketches)) run.prepare(job);
  return run;
}

function fail(run: MachineRun, failure: Failure, job = "a", exitCode = 1): void {
  run.send(run.stepEnd(job, { kind: "exited", exitCode, signal: null, failure }));
}

/** The pause is over: the next attempt, of the job with its preparation. */
function retry(run: MachineRun, job = "a"): void {
  run.send({ type: "retry_due", job, execution: run.execution(job) });
  if (run.job(job).phase === "preparing") run.prepare(job);
}

function lastOf<Type extends string>(
  run: MachineRun,
  type: Type,
): Extract<MachineRun["events"][number], { type: Type }> {
  return run.events.findLast((event) => event.type === type) as never;
}

describe("retries with conditions", () => {
  it("tries again what is named, tells what it was of, and gives up at another failure", () => {
    const run = start({ a: { steps: [{ retry: { max: 3, when: ["transient_dependencies"] } }] } });
    fail(run, REGISTRY);
    expect(lastOf(run, "step.finished")).toMatchObject({ ...REGISTRY, retry_rule: "named" });
    expect(lastOf(run, "job.retry")).toMatchObject({ step: "step-1", attempt: 1, ...REGISTRY, retry_rule: "named" });
    retry(run);
    fail(run, CODE);
    expect(lastOf(run, "step.finished")).toMatchObject({ ...CODE, retry_rule: "not_named" });
    expect(lastOf(run, "job.finished")).toMatchObject({ status: "failed", ...CODE, retry_rule: "no_retries" });
  });

  it("leaves to the job what the step does not try again", () => {
    const run = start({ a: { retry: { max: 1, when: [{ from: 9, to: 9 }] }, steps: [{ retryCount: 1 }] } });
    fail(run, CONFIGURATION, "a", 9);
    expect(lastOf(run, "step.finished").retry_rule).toBe("configuration");
    expect(lastOf(run, "job.retry")).toMatchObject({ step: null, retry_rule: "named" });
    expect(run.job("a").status).toBe("retry");
  });

  it("waits as the rule says", () => {
    const backoff = { delay: 10, factor: 3, maxDelay: 60, jitter: 0 };
    const run = start({ a: { retry: { max: 4, backoff } } });
    for (let attempt = 1; attempt <= 3; attempt++) {
      fail(run, CODE);
      retry(run);
    }
    const delays = run.events.flatMap((event) => (event.type === "job.retry" ? [event.delay_ms] : []));
    expect(delays).toEqual([10_000, 30_000, 60_000]);
  });

  it("sorts a failure it knows the end of only by that", () => {
    const run = start({ a: { retryCount: 1 } });
    run.endStep("a", 127);
    expect(lastOf(run, "job.finished")).toMatchObject({
      category: "configuration_errors",
      cause: "not_found",
      retry_rule: "configuration",
      message: 'step "step-1" exited with code 127 (the command was not found)',
    });
  });

  it("tries a lack of memory again once, also over a restart and whichever step it is", () => {
    const run = start({ a: { retryCount: 5, steps: [{ retryCount: 3 }, {}] } });
    fail(run, MEMORY, "a", 137);
    expect(lastOf(run, "job.retry")).toMatchObject({
      step: "step-1",
      message: expect.stringContaining("ran out of memory") as string,
    });
    run.crash();
    retry(run);
    run.endStep("a", 0);
    fail(run, MEMORY, "a", 137);
    expect(lastOf(run, "job.finished")).toMatchObject({
      status: "failed",
      cause: "out_of_memory",
      retry_rule: "out_of_memory",
    });
  });

  it("adds no attempt 30 minutes after the first failure, which a restart does not forget", () => {
    const run = start({ a: { retry: { max: 10 } } });
    run.now = 5_000;
    fail(run, CODE);
    run.now += 30 * 60_000 - 1;
    run.crash();
    retry(run);
    fail(run, CODE);
    expect(run.job("a").status).toBe("retry");
    run.crash();
    retry(run);
    run.now += 1;
    fail(run, CODE);
    expect(lastOf(run, "job.finished")).toMatchObject({ attempts: 3, retry_rule: "budget_used" });
  });

  it("keeps what is left of a long pause over a restart", () => {
    const run = start({ a: { retry: { max: 1, backoff: { delay: 300, factor: 2, maxDelay: 300, jitter: 0 } } } });
    fail(run, CODE);
    run.now += 100_000;
    run.crash();
    expect(run.commands).toMatchObject([{ type: "retry_later", delayMs: 200_000 }]);
  });
});

describe("time-outs that are named", () => {
  const timeOut = (run: MachineRun, scope: "step" | "job"): void => {
    const { step, stepAttempt: attempt } = run.job("a");
    const about = { job: "a", execution: run.execution("a") };
    run.send(
      scope === "job" ? { type: "deadline", scope, ...about } : { type: "deadline", scope, ...about, step, attempt },
    );
  };

  it("of a step are tried again in the same place", () => {
    const run = start({ a: { steps: [{ timeout: 5, retry: { max: 1, when: ["timeout"] } }] } });
    timeOut(run, "step");
    run.endStep("a", null, "SIGTERM");
    expect(lastOf(run, "job.retry")).toMatchObject({ step: "step-1", reason: "step_timeout", cause: "timed_out" });
    run.crash();
    retry(run);
    run.endStep("a", 0);
    expect(run.job("a").status).toBe("success");
  });

  it("of a job are tried again from the start", () => {
    const run = start({ a: { timeout: 60, retry: { max: 1, when: ["timeout"] } } });
    timeOut(run, "job");
    run.endStep("a", null, "SIGTERM");
    expect(lastOf(run, "job.retry")).toMatchObject({ step: null, reason: "job_timeout" });
    retry(run);
    expect(run.job("a")).toMatchObject({ attempt: 2, phase: "stepping", stopping: null });
    run.endStep("a", 0);
    expect(run.result()?.status).toBe("success");
  });

  it("are not, when the run or the job is called off before the step has ended", () => {
    const sketch = { a: { retry: { max: 1, when: ["timeout"] } } } satisfies Record<string, JobSketch>;
    const ended = start(sketch);
    timeOut(ended, "job");
    ended.send({ type: "end", cause: { reason: "user", message: "enough" } });
    ended.endStep("a", null, "SIGTERM");
    expect(ended.job("a")).toMatchObject({ status: "cancelled", reason: "user" });
    const calledOff = start(sketch);
    timeOut(calledOff, "step");
    calledOff.send({ type: "cancel_job", job: "a", execution: calledOff.execution("a"), message: "not needed" });
    calledOff.endStep("a", null, "SIGTERM");
    expect(calledOff.job("a")).toMatchObject({ status: "cancelled", reason: "user" });
  });

  it("of a job stay those of the job when the step's runs out as well before it has ended", () => {
    const retries = { retry: { max: 1, when: ["timeout"] } } satisfies Partial<JobSketch>;
    const run = start({ a: { ...retries, steps: [retries] } });
    timeOut(run, "job");
    timeOut(run, "step");
    run.endStep("a", null, "SIGTERM");
    expect(lastOf(run, "job.retry")).toMatchObject({ step: null, reason: "job_timeout" });
  });

  it("that run out while a step waits end the wait, and the job begins again", () => {
    const run = start({ a: { retry: { max: 1, when: ["timeout"] }, steps: [{ retryCount: 1 }] } });
    fail(run, CODE);
    timeOut(run, "job");
    expect(run.job("a")).toMatchObject({ status: "retry", phase: "job_backoff" });
  });
});

describe("services that fail", () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const jobs = Object.fromEntries(names.map((name) => [name, { retryCount: 3 }]));

  function bench(): { clock: ManualClock; breakers: CircuitBreakers; run: MachineRun } {
    const clock = new ManualClock();
    const breakers = new CircuitBreakers(clock);
    return { clock, breakers, run: start(jobs, { health: new BreakerHealth(breakers) }) };
  }

  it("are left alone by all jobs once five attempts have failed of them, and the retry says so", () => {
    const { run, breakers } = bench();
    for (const job of ["a", "b", "c", "d"]) fail(run, REGISTRY, job);
    expect(lastOf(run, "job.retry")).toMatchObject({ job: "d", delay_ms: 1000 });
    fail(run, REGISTRY, "e");
    expect(breakers.of("registry.example.com").state).toBe("open");
    expect(lastOf(run, "job.retry")).toMatchObject({
      job: "e",
      delay_ms: 60_001,
      message: expect.stringContaining("registry.example.com failed too often and is left alone") as string,
    });
    // What was to come back in a second finds it closed.
    retry(run, "a");
    expect(run.job("a").status).toBe("retry");
    expect(lastOf(run, "job.retry")).toMatchObject({ job: "a", attempt: 1, held: true, delay_ms: 60_001 });
    expect(run.commands.at(-1)).toMatchObject({ type: "retry_later", job: "a", delayMs: 60_001 });
    // Who fails of something else does not wait for it.
    fail(run, CODE, "f");
    expect(lastOf(run, "job.retry")).toMatchObject({ job: "f", delay_ms: 1000 });
  });

  it("stay as they are when a job is refused a call of them", () => {
    const { run, clock } = bench();
    for (const job of names.slice(0, 5)) fail(run, REGISTRY, job);
    clock.advance(40_000);
    fail(run, { ...REGISTRY, cause: "left_alone" }, "f");
    expect(lastOf(run, "job.retry")).toMatchObject({ job: "f", delay_ms: 20_001 });
    retry(run, "f");
    expect(run.job("f").status).toBe("running");
  });

  it("are tried by one job at a time, until three have got through", () => {
    const { run, clock, breakers } = bench();
    for (const job of names.slice(0, 5)) fail(run, REGISTRY, job);
    clock.advance(60_001);
    retry(run, "a");
    retry(run, "b");
    expect([run.job("a").status, run.job("b").status]).toEqual(["running", "retry"]);
    expect(run.commands.at(-1)).toMatchObject({ type: "retry_later", job: "b", delayMs: 5000 });
    for (const job of ["a", "b", "c"]) {
      if (job !== "a") retry(run, job);
      run.endStep(job, 0);
    }
    expect(breakers.of("registry.example.com").stats()).toMatchObject({ state: "closed", failure_count: 0 });
    retry(run, "d");
    retry(run, "e");
    expect([run.job("d").status, run.job("e").status]).toEqual(["running", "running"]);
  });

  it("are left alone again when the job that tries them fails of them", () => {
    const { run, clock, breakers } = bench();
    for (const job of names.slice(0, 5)) fail(run, REGISTRY, job);
    clock.advance(60_001);
    retry(run, "a");
    fail(run, REGISTRY, "a");
    expect(breakers.of("registry.example.com").state).toBe("open");
    expect(lastOf(run, "job.retry")).toMatchObject({ job: "a", attempt: 2, delay_ms: 60_001 });
  });

  it("can be tried by others when the job that does fails of something else, or is called off", () => {
    const { run, clock } = bench();
    for (const job of names.slice(0, 5)) fail(run, REGISTRY, job);
    clock.advance(60_001);
    retry(run, "a");
    fail(run, CODE, "a");
    retry(run, "b");
    expect(run.job("b").status).toBe("running");
    run.send({ type: "cancel_job", job: "b", execution: run.execution("b"), message: "" });
    run.endStep("b", null, "SIGTERM");
    retry(run, "c");
    expect(run.job("c").status).toBe("running");
  });

  it("are waited for again after a restart, which has forgotten how they were", () => {
    const { run } = bench();
    for (const job of names.slice(0, 5)) fail(run, REGISTRY, job);
    run.now += 61_000;
    run.crash();
    expect(run.job("e").failedService).toEqual({ name: "registry.example.com", step: 0 });
    expect(run.commands.filter(({ type }) => type === "retry_later")).toMatchObject(
      Array.from({ length: 5 }, () => ({ delayMs: 0 })),
    );
  });
});
