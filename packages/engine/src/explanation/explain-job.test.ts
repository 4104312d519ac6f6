import { DEFAULT_PLACE } from "@waybill/pipeline";
import { describe, expect, it } from "vitest";
import { NO_SERVICES } from "../machine/service-health.ts";
import { NO_ORIGIN, type JobRecord, type RunRecord } from "../ports/run-store.ts";
import { definitionOf, MachineRun, type MachineRunOptions } from "../testing/index.ts";
import { explainJob } from "./explain-job.ts";
import type { JobExplanation } from "./explanation.ts";

const RUN: RunRecord = {
  id: "run",
  number: 7,
  pipelineName: "demo",
  file: "waybill.yaml",
  trigger: "manual",
  status: "running",
  reason: null,
  createdAt: 0,
  startedAt: 0,
  finishedAt: null,
  ...NO_ORIGIN,
};

type Sketches = Parameters<typeof definitionOf>[0];

/** Drives the real machine, keeps what a store would keep, and asks about one job. */
function explain(
  sketches: Sketches,
  job: string,
  drive: (run: MachineRun) => void = () => undefined,
  options: MachineRunOptions = {},
): JobExplanation {
  const definition = definitionOf(sketches);
  const run = new MachineRun(definition, options).start();
  drive(run);
  const records = new Map<string, JobRecord>();
  for (const state of run.state.jobs.values()) {
    const { id, name, status, reason, message, attempt } = state;
    records.set(name, {
      id,
      name,
      status,
      reason,
      message,
      attempts: attempt,
      outputs: {},
      startedAt: null,
      finishedAt: null,
    });
  }
  const events = run.changes
    .flatMap((change) => change.events)
    .map(({ time, event }, index) => ({ seq: index + 1, time, event }));
  const explanation = explainJob({ run: RUN, definition, jobs: records, events }, job);
  if (explanation === null) throw new Error("no such job");
  return explanation;
}

function outcomes({ rules }: JobExplanation): readonly (readonly [string, string])[] {
  return rules.map(({ rule, outcome }) => [rule, outcome] as const);
}

describe("explainJob", () => {
  it("of a run of a server: says what began it, and which condition let it in", () => {
    const definition = definitionOf({ a: {} });
    const origin = {
      ...{ pipelineId: "p", gitRef: "refs/heads/main", gitSha: "a".repeat(40), inputs: {}, concurrencyGroup: null },
      triggerEvent: { kind: "push", actor: "mona", reason: 'the push to "main" fits trigger 2', number: 7 },
      rerunOf: "earlier",
    };
    const run = { ...RUN, trigger: "push" };
    expect(explainJob({ run, origin, definition, jobs: new Map(), events: [] }, "a")?.trigger).toEqual({
      event: "push",
      ref: "refs/heads/main",
      sha: "a".repeat(40),
      actor: "mona",
      reason: 'the push to "main" fits trigger 2',
      rerun_of: "earlier",
    });
    const strange = { ...origin, triggerEvent: { actor: "", reason: 3 } };
    expect(explainJob({ run, origin: strange, definition, jobs: new Map(), events: [] }, "a")?.trigger).toMatchObject({
      actor: null,
      reason: null,
    });
  });

  it("of a job that succeeded: every rule was met", () => {
    const sketches = { a: {}, b: { dependsOn: ["a"], condition: "STAGE == 'x'", environment: { STAGE: "x" } } };
    const explanation = explain(sketches, "b", (run) => {
      run.complete("a", "success");
      run.complete("b", "success");
    });
    expect(explanation).toMatchObject({ status: "success", summary: "succeeded", exit: null, remedy: "" });
    expect(explanation.trigger).toEqual({
      ...{ event: "manual", ref: null, sha: null, actor: null, reason: null, rerun_of: null },
    });
    expect(outcomes(explanation)).toEqual([
      ["selection", "met"],
      ["dependency", "met"],
      ["condition", "met"],
    ]);
    expect(explanation.rules[2]).toMatchObject({ text: "was true", values: { STAGE: "x" } });
  });

  it("of a job that failed: what its exit code means and what to do", () => {
    const explanation = explain({ a: {} }, "a", (run) => {
      run.prepare("a");
      run.endStep("a", 127);
    });
    expect(explanation.summary).toBe('failed: step "step-1" exited with code 127 (the command was not found)');
    expect(explanation.exit).toMatchObject({ step: "step-1", exit_code: 127 });
    expect(explanation.remedy).toContain("PATH");
  });

  it("of a job that was tried again: each attempt with its reason and delay", () => {
    const explanation = explain({ a: { retryCount: 1, steps: [{ retryCount: 1 }] } }, "a", (run) => {
      run.prepare("a");
      run.endStep("a", 1);
      run.send({ type: "retry_due", job: "a", execution: run.execution("a") });
      run.endStep("a", 2);
    });
    expect(explanation.summary).toBe("waits for its next attempt, due at 1970-01-01T00:00:01.000Z");
    expect(explanation.attempts).toMatchObject([
      {
        attempt: 1,
        steps: [
          { attempt: 1, exit_code: 1, retry: { reason: "step_failed", delay_ms: 1000 } },
          { attempt: 2, exit_code: 2, retry: null },
        ],
        retry: { message: 'step "step-1" exited with code 2', delay_ms: 1000 },
      },
    ]);
  });

  it("of a job that was tried again: its history, and the rules that decided", () => {
    const retry = { max: 2, when: ["transient_dependencies"] } as const;
    const failure = {
      category: "transient_dependencies",
      service: "example.com",
      cause: "service_unavailable",
    } as const;
    const explanation = explain({ a: { retry } }, "a", (run) => {
      const about = { job: "a", execution: run.execution("a") };
      run.prepare("a");
      run.now = 2000;
      run.send(run.stepEnd("a", { kind: "exited", exitCode: 22, signal: null, failure }));
      run.now = 3000;
      run.send({ type: "retry_due", ...about });
      run.prepare("a");
      run.now = 5000;
      run.endStep("a", 1);
    });
    expect(explanation.attempts).toMatchObject([
      {
        attempt: 1,
        started_at: "1970-01-01T00:00:00.000Z",
        finished_at: "1970-01-01T00:00:02.000Z",
        exit_code: 22,
        ...failure,
        retry: { delay_ms: 1000 },
        retry_rule: "named",
      },
      {
        attempt: 2,
        started_at: "1970-01-01T00:00:03.000Z",
        finished_at: "1970-01-01T00:00:05.000Z",
        exit_code: 1,
        category: "permanent_code_issues",
        retry: null,
        retry_rule: "not_named",
      },
    ]);
    expect(explanation.failure).toMatchObject({ category: "permanent_code_issues", cause: "unknown" });
    expect(explanation.retries).toEqual([
      { of: "step", name: "step-1", rule: "no_retries", again: false, text: expect.any(String) as string },
      { of: "job", name: "a", rule: "not_named", again: false, text: "its `retry` names no failure like this" },
    ]);
  });

  it("of a job that waits for a service: until when, since its failure", () => {
    const failure = { category: "transient_dependencies", service: "example.com", cause: "rate_limited" } as const;
    const health = { ...NO_SERVICES, admit: () => ({ waitMs: 60_001, isOpen: true }) };
    const drive = (run: MachineRun): void => {
      run.prepare("a");
      run.send(run.stepEnd("a", { kind: "exited", exitCode: 22, signal: null, failure }));
      run.now = 1000;
      run.send({ type: "retry_due", job: "a", execution: run.execution("a") });
    };
    const explanation = explain({ a: { retryCount: 1 } }, "a", drive, { health });
    expect(explanation.summary).toBe("waits for its next attempt, due at 1970-01-01T00:01:01.001Z");
    expect(explanation.attempts).toMatchObject([
      {
        retry: {
          delay_ms: 61_001,
          message: expect.stringMatching(
            /exited with code 22; example.com failed too often and is left alone/,
          ) as string,
        },
      },
    ]);
  });

  it("of a step that ran out of memory: told apart from one that was killed otherwise", () => {
    const cause = { category: "resource_exhaustion", service: null, cause: "out_of_memory" } as const;
    const killed = explain({ a: {} }, "a", (run) => {
      run.prepare("a");
      run.send(run.stepEnd("a", { kind: "exited", exitCode: 137, signal: null, failure: cause }));
    });
    expect(killed.summary).toBe('failed: step "step-1" ran out of memory: it exited with code 137');
    expect(killed.exit?.meaning).toContain("all the memory it may have");
    expect(killed.remedy).toContain("resources: {memory: …}");
    const otherwise = explain({ a: {} }, "a", (run) => {
      run.prepare("a");
      run.endStep("a", 137);
    });
    expect(otherwise.failure?.cause).toBe("unknown");
    expect(otherwise.remedy).toContain("dmesg");
  });

  it.each([
    ["docker", "default", true],
    ["docker", "root", false],
    ["process", "default", false],
  ] as const)("of a permission that was denied in %s as user %s", (executor, user, isNamed) => {
    const failure = { category: "configuration_errors", service: null, cause: "permission_denied" } as const;
    const place = { ...DEFAULT_PLACE, isolation: { ...DEFAULT_PLACE.isolation, user } };
    const drive = (run: MachineRun): void => {
      run.prepare("a");
      run.send(run.stepEnd("a", { kind: "exited", exitCode: 1, signal: null, failure }));
    };
    expect(explain({ a: { place } }, "a", drive, { executor }).remedy.includes("isolation: {user: root}")).toBe(
      isNamed,
    );
  });

  it("of a job behind a failure: which job it begins with", () => {
    const sketches = { a: {}, b: { dependsOn: ["a"] }, c: { dependsOn: ["b"], condition: "X == 'y'" } };
    const explanation = explain(sketches, "c", (run) => run.complete("a", "failed"));
    expect(explanation.summary).toBe('was cancelled: depends on "b", which was cancelled');
    expect(explanation.remedy).toBe("Look at what it begins with: a.");
    expect(outcomes(explanation)).toEqual([
      ["selection", "met"],
      ["dependency", "unmet"],
      ["condition", "not_reached"],
    ]);
  });

  it("of a job that its condition left out: on what that was decided", () => {
    const sketches = { a: {}, b: { dependsOn: ["a"], condition: "job.a.status == 'FAILED'" } };
    const explanation = explain(sketches, "b", (run) => run.complete("a", "success"), { conditionHolds: () => false });
    expect(explanation.summary).toBe("was skipped: the condition `job.a.status == 'FAILED'` is false");
    expect(explanation.rules[2]).toMatchObject({ outcome: "unmet", values: { "job.a.status": "SUCCESS" } });
  });

  it("of a job that waits for others, and of one that waits for a slot", () => {
    const sketches = { a: {}, b: { dependsOn: ["a"] }, c: {} };
    expect(explain(sketches, "b").summary).toBe("waits for a");
    const forSlot = explain(sketches, "c", undefined, { concurrency: 1 });
    expect(forSlot.summary).toBe("waits for a free slot");
    expect(forSlot.rules.at(-1)).toMatchObject({ rule: "slot", outcome: "waiting", running: ["a"] });
  });

  it("of a job whose time ran out: which time-out it was", () => {
    const explanation = explain({ a: { timeout: 60 } }, "a", (run) => {
      run.prepare("a");
      run.send({ type: "deadline", scope: "job", job: "a", execution: run.execution("a") });
      run.endStep("a", null, "SIGTERM");
    });
    expect(explanation.time_outs).toEqual({ pipeline: 7200, job: 60, steps: { "step-1": 1800 }, ran_out: "job" });
    expect(explanation.remedy).toContain("raise the job's `timeout`");
  });

  it("of a job that was not asked for", () => {
    const explanation = explain({ a: {}, b: {} }, "b", undefined, { jobs: ["a"] });
    expect(explanation).toMatchObject({ status: null, summary: "is no part of this run" });
    expect(explanation.rules).toEqual([
      { rule: "selection", outcome: "unmet", text: "the run was asked for some jobs only: a" },
    ]);
  });
});
