import { ManualClock } from "@waybill/core/testing";
import { expect, test } from "vitest";
import type { ExecutionCallbacks, ReportedEnd } from "../ports/execution-callbacks.ts";
import type { ExecutionStatus, Executor } from "../ports/executor.ts";
import { endOfStep, type EndedStep, type FollowedStep } from "./reported-end.ts";
import type { StepOutcome } from "./step-run.ts";

const LOST: StepOutcome = { kind: "error", reason: "execution_lost", message: "it is gone" };
const PASSED: StepOutcome = { kind: "exited", exitCode: 0, signal: null, outOfMemory: false };

interface Case {
  /** What the executor says of the step; null: nothing. */
  readonly own: StepOutcome | null;
  readonly state?: ExecutionStatus["state"] | "out of reach";
  readonly report: ReportedEnd | null;
  readonly isLast?: boolean;
  readonly mayHaveBegun?: boolean;
  readonly waitMs?: number;
}

/** @returns "open": it is not over by then */
async function ended(given: Case): Promise<EndedStep | "open"> {
  const clock = new ManualClock();
  const callbacks: ExecutionCallbacks = {
    issue: () => Promise.reject(new Error("not asked for")),
    end: (_, signal) =>
      given.report !== null
        ? Promise.resolve(given.report)
        : new Promise((resolve) => signal.addEventListener("abort", () => resolve(null))),
  };
  const executor = {
    status: (executionId: string) =>
      given.state === "out of reach"
        ? Promise.reject(new Error("no answer"))
        : Promise.resolve({ executionId, state: given.state ?? "lost" }),
  } as Executor;
  const { own } = given;
  const step: FollowedStep = {
    own: own === null ? new Promise(() => undefined) : Promise.resolve(own),
    isLast: given.isLast ?? true,
    mayHaveBegun: () => given.mayHaveBegun ?? true,
    signal: new AbortController().signal,
  };
  let seen: EndedStep | "open" = "open";
  void endOfStep(callbacks, executor, clock, "x", step).then((end) => (seen = end));
  for (let ms = 0; ms <= (given.waitMs ?? 10_000); ms += 1_000) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_000);
  }
  await new Promise((resolve) => setImmediate(resolve));
  return seen;
}

const succeeded: ReportedEnd = { status: "SUCCEEDED", exitCode: 0, message: null };
const failed: ReportedEnd = { status: "FAILED", exitCode: 3, message: "evicted" };

test("an executor that knows how a step ended is right, whatever is reported", async () => {
  expect(await ended({ own: PASSED, report: failed })).toEqual({ outcome: PASSED, report: null });
  expect(await ended({ own: PASSED, report: null })).toEqual({ outcome: PASSED, report: null });
});

test("a step that is lost ended as its execution was reported to have", async () => {
  expect(await ended({ own: LOST, report: succeeded })).toEqual({ outcome: PASSED, report: succeeded });
  expect(await ended({ own: LOST, report: failed })).toMatchObject({ outcome: { kind: "exited", exitCode: 3 } });
  const canceled: ReportedEnd = { status: "CANCELED", exitCode: null, message: null };
  expect(await ended({ own: LOST, report: canceled })).toMatchObject({
    outcome: { exitCode: null, signal: "SIGTERM" },
  });
  expect(await ended({ own: LOST, report: null })).toEqual({ outcome: LOST, report: null });
});

test("a report that does not say how this step ended leaves it lost, and is told", async () => {
  const message = "it is gone; it was reported as SUCCEEDED, exit code 0";
  const lost = { outcome: { kind: "error", reason: "execution_lost", message }, report: null };
  expect(await ended({ own: LOST, report: succeeded, isLast: false })).toEqual(lost);
  expect(await ended({ own: LOST, report: succeeded, mayHaveBegun: false })).toEqual(lost);
  for (const exitCode of [null, 0]) {
    expect(await ended({ own: LOST, report: { ...failed, exitCode } })).toMatchObject({
      outcome: { reason: "execution_lost", message: expect.stringMatching(/FAILED.*: evicted$/) as string },
    });
  }
});

test("a report ends the wait for an executor that has forgotten, and for no other", async () => {
  expect(await ended({ own: null, report: succeeded })).toEqual({ outcome: PASSED, report: succeeded });
  expect(await ended({ own: null, report: succeeded, state: "unknown" })).toMatchObject({ report: succeeded });
  expect(await ended({ own: null, report: succeeded, state: "running" })).toBe("open");
  expect(await ended({ own: null, report: succeeded, state: "out of reach" })).toBe("open");
  expect(await ended({ own: null, report: succeeded, waitMs: 2_000 })).toBe("open");
});
