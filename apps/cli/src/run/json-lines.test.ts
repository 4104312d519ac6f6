import { expect, test } from "vitest";
import { failingRun, output } from "../testing/recorded-run.ts";
import { JsonLines } from "./json-lines.ts";

test("every notice is one line, counted from 1, with time and run in front", () => {
  const lines = new JsonLines("run-1");
  const objects = failingRun.map((notice) => {
    const line = lines.line(notice);
    expect(line.indexOf("\n")).toBe(line.length - 1);
    return JSON.parse(line) as Record<string, unknown>;
  });
  expect(objects.map(({ seq }) => seq)).toEqual(failingRun.map((_, index) => index + 1));
  expect(objects.every(({ run }) => run === "run-1")).toBe(true);
  expect(objects[0]).toEqual({
    seq: 1,
    time: "2026-03-01T12:00:00.000Z",
    type: "run.started",
    run: "run-1",
    pipeline: "shop",
    number: 7,
    jobs: ["build", "test", "ship"],
  });
  expect(objects.at(-1)).toMatchObject({
    type: "run.finished",
    status: "failed",
    jobs: { test: { status: "failed" } },
  });
});

test("output keeps what was printed, control sequences and all", () => {
  const line = new JsonLines("r").line(output(5, "build", "compile", "\u001b[2J\u2028", "stderr"));
  expect(JSON.parse(line)).toEqual({
    seq: 1,
    time: "2026-03-01T12:00:00.005Z",
    type: "step.output",
    run: "r",
    job: "build",
    step: "compile",
    attempt: 1,
    stream: "stderr",
    line: "\u001b[2J\u2028",
  });
});
