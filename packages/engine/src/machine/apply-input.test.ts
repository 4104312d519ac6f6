import { describe, expect, it } from "vitest";
import { WaybillError } from "@waybill/core";
import { definitionOf, MachineRun } from "../testing/index.ts";

const diamond = definitionOf({
  a: {},
  b: { dependsOn: ["a"] },
  c: { dependsOn: ["a"] },
  d: { dependsOn: ["b", "c"] },
});

describe("scheduling", () => {
  it("starts every job without dependencies at once, the others wait", () => {
    const run = new MachineRun(definitionOf({ a: {}, b: {}, c: { dependsOn: ["a"] } })).start();
    expect(run.statuses()).toEqual({ a: "running", b: "running", c: "pending" });
  });

  it("starts a job the moment its own dependencies are through, whatever else still runs", () => {
    const run = new MachineRun(definitionOf({ fast: {}, slow: {}, after: { dependsOn: ["fast"] } })).start();
    run.complete("fast", "success");
    expect(run.statuses()).toEqual({ fast: "success", slow: "running", after: "running" });
  });

  it("starts a job only when the last of its dependencies has succeeded", () => {
    const run = new MachineRun(diamond).start();
    run.complete("a", "success");
    run.complete("b", "success");
    expect(run.job("d").status).toBe("pending");
    run.complete("c", "success");
    expect(run.job("d").status).toBe("running");
  });

  it("keeps to the limit and gives a freed slot to the job that has waited longest", () => {
    const run = new MachineRun(definitionOf({ a: {}, b: {}, c: {} }), { concurrency: 1 }).start();
    expect(run.statuses()).toEqual({ a: "running", b: "pending", c: "pending" });
    run.complete("a", "success");
    expect(run.statuses()).toEqual({ a: "success", b: "running", c: "pending" });
  });

  it("takes dependencies outside the selected jobs as met", () => {
    const run = new MachineRun(diamond, { jobs: ["d"] }).start();
    expect(run.job("d").status).toBe("running");
  });

  it("stores the success of a job and the start of the next in one transition", () => {
    const run = new MachineRun(definitionOf({ a: {}, b: { dependsOn: ["a"] } })).start();
    run.prepare("a");
    run.endStep("a", 0);
    const change = run.changes.at(-1);
    expect(change?.jobs.map(({ id, status }) => [id, status])).toEqual([
      ["job-a", "success"],
      ["job-b", "running"],
    ]);
    expect(change?.events.map(({ event }) => event.type)).toEqual(["step.finished", "job.finished", "job.started"]);
  });
});

describe("failure", () => {
  it("cancels everything behind a failed job and names the job each one waited for", () => {
    const run = new MachineRun(diamond).start();
    run.complete("a", "failed");
    expect(run.statuses()).toEqual({ a: "failed", b: "cancelled", c: "cancelled", d: "cancelled" });
    expect(run.job("b")).toMatchObject({ reason: "dependency_failed", message: 'depends on "a", which failed' });
    expect(run.job("d").message).toMatch(/depends on "[bc]", which was cancelled/);
    expect(run.result()?.status).toBe("failed");
  });

  it("lets jobs that do not depend on the failed one go on", () => {
    const run = new MachineRun(definitionOf({ a: {}, b: {} })).start();
    run.complete("a", "failed");
    expect(run.result()).toBeNull();
    run.complete("b", "success");
    expect(run.result()?.status).toBe("failed");
  });

  it("settles a chain of 10,000 jobs behind a failure without running out of stack", () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `j${index}`);
    const jobs = Object.fromEntries(
      names.map((name, index) => [name, { dependsOn: names.slice(Math.max(0, index - 1), index) }]),
    );
    const run = new MachineRun(definitionOf(jobs)).start();
    run.complete("j0", "failed");
    expect(run.result()?.status).toBe("failed");
    expect(run.job("j9999").reason).toBe("dependency_failed");
  });

  it("does not run the steps behind a failed one", () => {
    const run = new MachineRun(definitionOf({ a: { steps: [{}, {}] } })).start();
    run.complete("a", "failed");
    expect(run.events.filter(({ type }) => type === "step.started")).toHaveLength(1);
    expect(run.job("a").message).toBe('step "step-1" exited with code 1');
  });

  it("goes on behind a failed step that may fail, and the job succeeds", () => {
    const run = new MachineRun(definitionOf({ a: { steps: [{ continueOnFailure: true }, {}] } })).start();
    run.prepare("a");
    run.endStep("a", 1);
    run.endStep("a", 0);
    expect(run.job("a").status).toBe("success");
    expect(run.events).toContainEqual(
      expect.objectContaining({ type: "step.finished", status: "failed", exit_code: 1 }),
    );
  });

  it("tells a step ended by a signal apart", () => {
    const run = new MachineRun(definitionOf({ a: {} })).start();
    run.prepare("a");
    run.endStep("a", null, "SIGSEGV");
    expect(run.job("a").message).toBe(
      'step "step-1" was ended by SIGSEGV (the program crashed: it used memory that it does not have)',
    );
  });

  it("fails a job whose place cannot be made", () => {
    const run = new MachineRun(definitionOf({ a: {} })).start();
    run.send({ type: "prepare_failed", job: "a", execution: run.execution("a"), message: "no space left" });
    expect(run.job("a")).toMatchObject({ status: "failed", reason: "setup_failed", message: "no space left" });
    expect(run.commands.at(-1)).toMatchObject({ type: "close", job: "a" });
  });

  it("fails a job whose artifacts are missing, although its steps went well", () => {
    const run = new MachineRun(
      definitionOf({ a: { artifacts: { app: { paths: ["dist"], optional: false } } }, b: { dependsOn: ["a"] } }),
    ).start();
    run.prepare("a");
    run.endStep("a", 0);
    expect(run.job("a").status).toBe("running");
    run.send({ type: "artifacts_failed", job: "a", execution: run.execution("a"), message: "nothing matches dist" });
    expect(run.statuses()).toEqual({ a: "failed", b: "cancelled" });
  });
});

describe("conditions", () => {
  it("skips a job whose condition is false, and all behind it, and the run is a success", () => {
    const definition = definitionOf({ a: { condition: "false" }, b: { dependsOn: ["a"] }, c: {} });
    const run = new MachineRun(definition, { conditionHolds: () => false }).start();
    run.complete("c", "success");
    expect(run.job("a")).toMatchObject({ status: "cancelled", reason: "condition_false" });
    expect(run.job("b")).toMatchObject({ reason: "condition_false", message: 'depends on "a", which was skipped' });
    expect(run.result()?.status).toBe("success");
  });

  it("gives a skipped job no slot", () => {
    const definition = definitionOf({ a: { condition: "false" }, b: {} });
    const run = new MachineRun(definition, { concurrency: 1, conditionHolds: () => false }).start();
    expect(run.statuses()).toEqual({ a: "cancelled", b: "running" });
  });

  it("asks for the condition only when the dependencies are through, and knows how they ended", () => {
    const definition = definitionOf({ a: {}, b: { dependsOn: ["a"], condition: "job.a.status == 'SUCCESS'" } });
    const asked: string[] = [];
    const run = new MachineRun(definition, {
      conditionHolds: (job) => {
        asked.push(`${job.name} after a is ${run.job("a").status}`);
        return true;
      },
    });
    run.start();
    expect(asked).toEqual([]);
    run.complete("a", "success");
    expect(asked).toEqual(["b after a is success"]);
  });

  it("fails a job whose condition cannot be decided", () => {
    const definition = definitionOf({ a: { condition: "env.N * 2 == 4" } });
    const run = new MachineRun(definition, {
      conditionHolds: () => {
        throw new WaybillError("INTERNAL", { detail: "env.N is not a number" });
      },
    }).start();
    expect(run.job("a")).toMatchObject({ status: "failed", reason: "condition_error" });
    expect(run.result()?.status).toBe("failed");
  });
});

describe("retries", () => {
  it("tries a failed step again in the same place, after 1 s, 2 s and 4 s, then fails the job", () => {
    const run = new MachineRun(definitionOf({ a: { steps: [{ retryCount: 3 }] } })).start();
    const execution = run.execution("a");
    run.prepare("a");
    for (let attempt = 1; attempt <= 4; attempt++) {
      run.endStep("a", 1);
      if (attempt < 4) run.send({ type: "retry_due", job: "a", execution });
    }
    expect(run.commands.flatMap((command) => (command.type === "retry_later" ? [command.delayMs] : []))).toEqual([
      1000, 2000, 4000,
    ]);
    expect(run.events.filter(({ type }) => type === "step.started")).toHaveLength(4);
    expect(run.execution("a")).toBe(execution);
    expect(run.job("a")).toMatchObject({ status: "failed", attempt: 1 });
  });

  it("fails twice then succeeds: three executions in all", () => {
    const run = new MachineRun(definitionOf({ a: { retryCount: 2 } })).start();
    for (const outcome of ["failed", "failed", "success"] as const) {
      if (run.job("a").status === "retry") run.send({ type: "retry_due", job: "a", execution: run.execution("a") });
      run.complete("a", outcome);
    }
    expect(run.job("a")).toMatchObject({ status: "success", attempt: 3 });
    expect(run.changes.flatMap(({ executions }) => executions)).toHaveLength(3);
  });

  it("frees the slot while a job waits to be tried again, and takes it back before others", () => {
    const run = new MachineRun(definitionOf({ a: { retryCount: 1 }, b: {}, c: {} }), { concurrency: 1 }).start();
    run.complete("a", "failed");
    expect(run.statuses()).toEqual({ a: "retry", b: "running", c: "pending" });
    run.send({ type: "retry_due", job: "a", execution: run.execution("a") });
    run.complete("b", "success");
    expect(run.statuses()).toEqual({ a: "running", b: "success", c: "pending" });
  });

  it("closes the place of the failed attempt", () => {
    const run = new MachineRun(definitionOf({ a: { retryCount: 1 } })).start();
    const execution = run.execution("a");
    run.complete("a", "failed");
    expect(run.commands).toContainEqual({ type: "close", job: "a", execution });
  });
});

describe("time-outs", () => {
  it("stops a step that takes too long and fails its job, without trying again", () => {
    const run = new MachineRun(definitionOf({ a: { retryCount: 2, steps: [{ timeout: 5, retryCount: 2 }] } })).start();
    run.prepare("a");
    expect(run.commands.at(-1)).toMatchObject({ type: "run_step", timeoutMs: 5000 });
    run.send({ type: "deadline", scope: "step", job: "a", execution: run.execution("a"), step: 0, attempt: 1 });
    expect(run.commands.at(-1)).toMatchObject({ type: "stop_step", job: "a" });
    run.endStep("a", null, "SIGTERM");
    expect(run.job("a")).toMatchObject({
      status: "failed",
      reason: "step_timeout",
      message: 'step "step-1" took longer than its time-out of 5 s',
    });
  });

  it("goes on behind a step that took too long and may fail", () => {
    const run = new MachineRun(definitionOf({ a: { steps: [{ continueOnFailure: true }, {}] } })).start();
    run.prepare("a");
    run.send({ type: "deadline", scope: "step", job: "a", execution: run.execution("a"), step: 0, attempt: 1 });
    run.endStep("a", null, "SIGTERM");
    run.endStep("a", 0);
    expect(run.job("a").status).toBe("success");
  });

  it.each([
    ["its job's", "job_timeout"],
    ["the pipeline's", "pipeline_timeout"],
  ] as const)("does not go on behind it when %s time is up meanwhile", (_whose, reason) => {
    const run = new MachineRun(definitionOf({ a: { steps: [{ continueOnFailure: true }, {}] } })).start();
    run.prepare("a");
    const execution = run.execution("a");
    run.send({ type: "deadline", scope: "step", job: "a", execution, step: 0, attempt: 1 });
    run.send(
      reason === "job_timeout"
        ? { type: "deadline", scope: "job", job: "a", execution }
        : { type: "deadline", scope: "run" },
    );
    run.endStep("a", null, "SIGTERM");
    expect(run.job("a")).toMatchObject({ status: "failed", reason });
  });

  it("fails a step that was told to stop even when it then exits with 0", () => {
    const run = new MachineRun(definitionOf({ a: {} })).start();
    run.prepare("a");
    run.send({ type: "deadline", scope: "job", job: "a", execution: run.execution("a") });
    run.endStep("a", 0);
    expect(run.job("a")).toMatchObject({ status: "failed", reason: "job_timeout" });
  });

  it("ends the whole run when the pipeline's time is up, as a failure", () => {
    const run = new MachineRun(definitionOf({ a: {}, b: { dependsOn: ["a"] } }, { timeout: 60 })).start();
    run.prepare("a");
    run.send({ type: "deadline", scope: "run" });
    run.endStep("a", null, "SIGTERM");
    expect(run.job("a")).toMatchObject({ status: "failed", reason: "pipeline_timeout" });
    expect(run.job("b")).toMatchObject({ status: "cancelled", reason: "pipeline_timeout" });
    expect(run.result()?.status).toBe("failed");
  });

  it("takes no notice of a time-out that comes after the step has ended", () => {
    const run = new MachineRun(definitionOf({ a: { steps: [{}, {}] } })).start();
    run.prepare("a");
    const late = {
      type: "deadline",
      scope: "step",
      job: "a",
      execution: run.execution("a"),
      step: 0,
      attempt: 1,
    } as const;
    run.endStep("a", 0);
    run.send(late);
    run.endStep("a", 0);
    expect(run.job("a").status).toBe("success");
  });
});

describe("cancelling", () => {
  const end = { type: "end", cause: { reason: "user", message: "cancelled by the user" } } as const;

  it("cancels what waits at once and what runs when it has stopped", () => {
    const run = new MachineRun(definitionOf({ a: {}, b: { dependsOn: ["a"] } })).start();
    run.prepare("a");
    run.send(end);
    expect(run.statuses()).toEqual({ a: "running", b: "cancelled" });
    expect(run.commands.at(-1)).toMatchObject({ type: "stop_step", job: "a" });
    run.endStep("a", null, "SIGTERM");
    expect(run.job("a")).toMatchObject({ status: "cancelled", reason: "user" });
    expect(run.result()?.status).toBe("cancelled");
  });

  it("stays cancelled when a job ends well in the same moment", () => {
    const run = new MachineRun(definitionOf({ a: {}, b: { dependsOn: ["a"] } })).start();
    run.prepare("a");
    run.send(end, run.stepEnd("a", { kind: "exited", exitCode: 0, signal: null }));
    expect(run.statuses()).toEqual({ a: "cancelled", b: "cancelled" });
  });

  it("ends a job whose place is still being made as soon as it is", () => {
    const run = new MachineRun(definitionOf({ a: {} })).start();
    run.send(end);
    run.prepare("a");
    expect(run.job("a").status).toBe("cancelled");
    expect(run.events.some(({ type }) => type === "step.started")).toBe(false);
  });

  it("ends a job that waits to be tried again, and calls its next attempt off", () => {
    const run = new MachineRun(definitionOf({ a: { retryCount: 1 } })).start();
    run.complete("a", "failed");
    run.send(end);
    expect(run.commands.slice(-2)).toMatchObject([{ type: "retry_later" }, { type: "close", job: "a" }]);
    expect(run.state.running).toBe(0);
    expect(run.job("a").status).toBe("cancelled");
    expect(run.result()?.status).toBe("cancelled");
  });

  it("does not go on behind a step that took too long and may fail", () => {
    const run = new MachineRun(definitionOf({ a: { steps: [{ continueOnFailure: true }, {}] } })).start();
    run.prepare("a");
    run.send({ type: "deadline", scope: "step", job: "a", execution: run.execution("a"), step: 0, attempt: 1 });
    run.send(end);
    run.endStep("a", null, "SIGTERM");
    expect(run.job("a")).toMatchObject({ status: "cancelled", reason: "user" });
  });

  it("does nothing to a run that is over", () => {
    const run = new MachineRun(definitionOf({ a: {} })).start();
    run.complete("a", "success");
    const events = run.events.length;
    run.send(end);
    expect(run.events).toHaveLength(events);
  });
});

describe("calling off one job", () => {
  it("ends the job as cancelled, those behind it cannot run, the others go on", () => {
    const run = new MachineRun(definitionOf({ a: {}, b: {}, c: { dependsOn: ["a"] } })).start();
    run.prepare("a");
    run.send({ type: "cancel_job", job: "a", execution: run.execution("a"), message: "not needed" });
    expect(run.commands.at(-1)).toMatchObject({ type: "stop_step", job: "a" });
    run.endStep("a", null, "SIGTERM");
    expect(run.statuses()).toEqual({ a: "cancelled", b: "running", c: "cancelled" });
    run.complete("b", "success");
    expect(run.result()).toMatchObject({ status: "cancelled", jobs: { a: { reason: "user", message: "not needed" } } });
  });

  it("does not make a cancelled run of a failed one", () => {
    const run = new MachineRun(definitionOf({ a: {}, b: {} })).start();
    run.prepare("a");
    run.send({ type: "cancel_job", job: "a", execution: run.execution("a"), message: "not needed" });
    run.endStep("a", 0);
    run.complete("b", "failed");
    expect(run.result()).toMatchObject({ status: "failed", jobs: { a: { status: "cancelled" } } });
  });

  it("never starts a job again that was called off while it waited for a slot", () => {
    const sketch = definitionOf({ a: { retryCount: 1 }, b: {} });
    const run = new MachineRun(sketch, { concurrency: 1 }).start();
    run.prepare("a");
    run.endStep("a", 1);
    expect(run.statuses()).toEqual({ a: "retry", b: "running" });
    const execution = run.execution("a");
    run.send({ type: "retry_due", job: "a", execution }, { type: "cancel_job", job: "a", execution, message: "" });
    run.complete("b", "success");
    expect(run.statuses()).toEqual({ a: "cancelled", b: "success" });
  });
});
