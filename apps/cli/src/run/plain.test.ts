import { describe, expect, test } from "vitest";
import { createStyle } from "../text/style.ts";
import { event, failingRun, output } from "../testing/recorded-run.ts";
import { plainLines } from "./plain.ts";

const style = createStyle(false);

describe("a run as plain lines", () => {
  test("tells every start and end, and who printed what", () => {
    expect(failingRun.map((notice) => plainLines(notice, style)).join("")).toBe(
      [
        "Run 7 of shop: 3 jobs",
        "build * started",
        "build * step compile",
        "build | compiling",
        "build ! deprecated flag",
        "build * step compile: success in 1.2 s",
        "build * success in 1.2 s",
        "test * started",
        "test * step unit",
        "test | expected 1, got 2",
        "test * step unit: failed in 100 ms, exit code 3",
        'test * failed in 102 ms: step "unit" exited with code 3',
        'ship * cancelled: depends on "test", which failed',
        "",
      ].join("\n"),
    );
  });

  test("tells a retry of a job from one of a step", () => {
    const retry = {
      type: "job.retry",
      job: "test",
      attempt: 1,
      reason: "step_failed",
      message: "",
      delay_ms: 2000,
    } as const;
    expect(plainLines(event(0, { ...retry, step: null }), style)).toBe(
      "test * attempt 1 failed: a step failed; next attempt in 2.0 s\n",
    );
    expect(plainLines(event(0, { ...retry, step: "unit" }), style)).toBe(
      "test * step unit: attempt 1 failed: a step failed; next attempt in 2.0 s\n",
    );
  });

  test("calls a job whose condition is false skipped", () => {
    const skipped = event(0, {
      type: "job.finished",
      job: "ship",
      status: "cancelled",
      reason: "condition_false",
      message: "",
      attempts: 0,
      duration_ms: 0,
    });
    expect(plainLines(skipped, style)).toBe("ship * skipped: its condition is false\n");
  });

  test("cannot be moved about by what a job prints", () => {
    expect(plainLines(output(0, "build", "compile", "\u001b[1A\u001b[2Kforged"), style)).toBe("build | forged\n");
  });
});
