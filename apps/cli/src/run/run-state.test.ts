import type { FailureFields } from "@waybill/engine";
import { expect, test } from "vitest";
import { createStyle } from "../text/style.ts";
import { event, failingRun, output } from "../testing/recorded-run.ts";
import { RunState } from "./run-state.ts";
import { renderSummary } from "./summary.ts";

const style = createStyle(false);

function stateAfter(notices: typeof failingRun): RunState {
  const state = new RunState();
  for (const notice of notices) state.apply(notice);
  return state;
}

test("the summary shows every job, the last words of what failed, and where to look next", () => {
  expect(
    renderSummary(stateAfter(failingRun), {
      style,
      jobsAreShown: false,
      artifacts: { job: "build", name: "the app", count: 2 },
    }),
  ).toBe(
    [
      "",
      "JOB    STATUS     DURATION  REASON",
      "build  success    1.2 s",
      'test   failed     102 ms    step "unit" exited with code 3',
      'ship   cancelled  -         depends on "test", which failed',
      "",
      "The last lines of test, step unit:",
      "  expected 1, got 2",
      "",
      "Run 7 of shop: failed in 1.3 s",
      "Artifacts: waybill artifacts get 7 build 'the app', 2 in all: waybill artifacts list 7",
      "Logs:      waybill logs 7 test",
      "",
    ].join("\n"),
  );
});

test("a run that has not ended has no summary", () => {
  expect(renderSummary(stateAfter(failingRun.slice(0, -1)), { style, jobsAreShown: false, artifacts: null })).toBe("");
});

test("jobs that stand on the screen with their ends are not listed again, but what failed is explained", () => {
  const summary = renderSummary(stateAfter(failingRun), { style, jobsAreShown: true, artifacts: null });
  expect(summary).not.toContain("JOB");
  expect(summary).toContain("The last lines of test");
});

test("of a failed step that printed much, the last 20 lines are kept", () => {
  const [start, job, step, ...rest] = failingRun;
  const many = Array.from({ length: 1000 }, (_, index) => output(5, "test", "unit", `line ${index}`));
  const testBegins = rest.findIndex((notice) => "event" in notice && notice.event.type === "step.started");
  const notices = [start, job, step, ...rest.slice(0, testBegins + 1), ...many, ...rest.slice(testBegins + 2)];
  const summary = renderSummary(stateAfter(notices.filter((notice) => notice !== undefined)), {
    style,
    jobsAreShown: false,
    artifacts: null,
  });
  expect(summary.match(/line \d+/g)).toEqual(Array.from({ length: 20 }, (_, index) => `line ${980 + index}`));
});

test("a step that is tried again leaves its job running", () => {
  const retry = {
    type: "job.retry",
    job: "build",
    attempt: 1,
    reason: "step_failed",
    message: "m",
    delay_ms: 0,
  } as const;
  const running = failingRun.slice(0, 3);
  expect(stateAfter([...running, event(5, { ...retry, step: "compile" })]).jobs.get("build")?.status).toBe("running");
  expect(stateAfter([...running, event(5, { ...retry, step: null })]).jobs.get("build")?.status).toBe("retry");
});

test("a failed step of a job that went on to succeed is no news", () => {
  const notices = failingRun.slice(0, 5);
  const state = stateAfter([
    ...notices,
    event(10, {
      type: "step.finished",
      job: "build",
      step: "compile",
      attempt: 1,
      status: "failed",
      exit_code: 1,
      signal: null,
      reason: "step_failed",
      duration_ms: 1,
    }),
    event(11, {
      type: "job.finished",
      job: "build",
      status: "success",
      reason: null,
      message: "",
      attempts: 1,
      duration_ms: 10,
    }),
  ]);
  expect(state.jobs.get("build")).toMatchObject({ status: "success", failure: null });
});

const unitFails = { type: "step.finished", job: "test", step: "unit", attempt: 1, status: "failed" } as const;
const jobFails = { type: "job.finished", job: "test", status: "failed", attempts: 1, duration_ms: 102 } as const;

function failedOf(failure: FailureFields, ended: { exit_code: number | null; signal: string | null }): RunState {
  const [opening, closing] = [failingRun.slice(0, 10), failingRun.slice(-2)];
  return stateAfter([
    ...opening,
    event(1305, { ...unitFails, ...ended, ...failure, reason: "step_failed", duration_ms: 100 }),
    event(1306, { ...jobFails, ...failure, reason: "step_failed", message: "it failed" }),
    ...closing,
  ]);
}

test("a failure is told in one place: last words, what it is of, why it was not tried again, what to do", () => {
  const failure = {
    category: "transient_dependencies",
    cause: "unresolved_host",
    service: "registry.example.com",
    retry_rule: "attempts_used",
  } as const;
  const state = failedOf(failure, { exit_code: 6, signal: null });
  const summary = renderSummary(state, { style, jobsAreShown: true, artifacts: null });
  expect(summary.split("\n").slice(1, 7)).toEqual([
    "The last lines of test, step unit:",
    "  expected 1, got 2",
    "Category: transient_dependencies (registry.example.com): its output says that a host name could not be resolved",
    "Not tried again: all its attempts are used",
    expect.stringMatching(/^What to do: Check the name, /) as string,
    "",
  ]);
});

test("what to do about exit code 137 depends on its cause", () => {
  const end = { exit_code: 137, signal: null };
  const adviceOf = (failure: FailureFields): string =>
    renderSummary(failedOf(failure, end), { style, jobsAreShown: true, artifacts: null });
  expect(adviceOf({ category: "resource_exhaustion", cause: "out_of_memory" })).toContain("`resources: {memory: …}`");
  expect(adviceOf({ category: "permanent_code_issues", cause: "unknown" })).toContain("the kernel's log");
});

test("a permission that a user without privileges lacks in a container is explained so", () => {
  const state = failedOf(
    { category: "configuration_errors", cause: "permission_denied" },
    { exit_code: 1, signal: null },
  );
  const options = { style, jobsAreShown: true, artifacts: null };
  expect(renderSummary(state, options)).not.toContain("isolation");
  expect(renderSummary(state, { ...options, runsAsNobody: () => true })).toContain("`isolation: {user: root}`");
});
