import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createStyle } from "../text/style.ts";
import { event, failingRun, output, RUN_START } from "../testing/recorded-run.ts";
import { fitsWhole, renderFrame, type FrameOptions } from "./live-frame.ts";
import { RunState } from "./run-state.ts";
import { treeOrder } from "./tree-order.ts";

const chain = treeOrder(new Map(Object.entries({ build: [], test: ["build"], ship: ["test"] })));

function frame(notices: typeof failingRun, options: Partial<FrameOptions> = {}): string[] {
  const state = new RunState();
  for (const notice of notices) state.apply(notice);
  return renderFrame(state, {
    tree: chain,
    columns: 80,
    rows: 24,
    now: RUN_START + 1000,
    tick: 0,
    message: "",
    style: createStyle(false),
    ...options,
  }).split("\n");
}

/** 100 jobs: 40 succeeded, 2 failed, 20 running with output, 38 waiting. */
function busyRun(): { readonly notices: typeof failingRun; readonly names: readonly string[] } {
  const names = Array.from({ length: 100 }, (_, index) => `job-${index}`);
  const start = event(0, { type: "run.started", pipeline: "many", number: 1, jobs: names });
  const begun = names
    .slice(0, 62)
    .flatMap((job) => [
      event(1, { type: "job.started", job, attempt: 1, executor: "process" }),
      event(1, { type: "step.started", job, step: "work", attempt: 1 }),
      output(2, job, "work", `output of ${job}`),
    ]);
  const ended = names.slice(0, 42).map((job, index) =>
    event(3, {
      type: "job.finished",
      job,
      status: index < 40 ? "success" : "failed",
      reason: index < 40 ? null : "step_failed",
      message: "",
      attempts: 1,
      duration_ms: 2,
    }),
  );
  return { notices: [start, ...begun, ...ended], names };
}

describe("the live view", () => {
  test("shows the tree with what each running job printed last", () => {
    expect(frame(failingRun.slice(0, 4))).toEqual([
      "Run 7 of shop  0/3 jobs  1.0 s",
      "⠋ build  999 ms  compile",
      "  compiling",
      "└─ · test",
      "   └─ · ship",
    ]);
  });

  test("shows how jobs ended, and why", () => {
    expect(frame(failingRun)).toEqual([
      "Run 7 of shop  3/3 jobs  1.3 s",
      "✓ build  1.2 s",
      '└─ ✗ test  102 ms  failed: step "unit" exited with code 3',
      '   └─ - ship  cancelled: depends on "test", which failed',
    ]);
  });

  test("goes on with the branches beside a line of output", () => {
    const jobs = { a: [], b: ["a"], c: ["a"] };
    const notices = [
      event(0, { type: "run.started", pipeline: "p", number: 1, jobs: Object.keys(jobs) }),
      event(0, { type: "job.started", job: "b", attempt: 1, executor: "process" }),
      event(0, { type: "step.started", job: "b", step: "s", attempt: 1 }),
      output(0, "b", "s", "hello"),
    ];
    expect(frame(notices, { tree: treeOrder(new Map(Object.entries(jobs))) }).slice(1)).toEqual([
      "· a",
      "├─ ⠋ b  1.0 s  s",
      "│    hello",
      "└─ · c",
    ]);
  });

  test("counts what is over or waits where there is no room for all", () => {
    const { notices, names } = busyRun();
    const lines = frame(notices, { tree: names.map((job) => ({ job, prefix: "" })), rows: 50 });
    expect(lines[1]).toBe("✓ 40 succeeded  · 38 waiting");
    expect(lines).toContain("  output of job-50");
    expect(lines.length).toBeLessThan(50);
  });

  test("leaves out the output where there is still less room", () => {
    const { notices, names } = busyRun();
    const lines = frame(notices, { tree: names.map((job) => ({ job, prefix: "" })), rows: 30 });
    expect(lines.filter((line) => line.includes("⠋"))).toHaveLength(20);
    expect(lines.some((line) => line.includes("output of"))).toBe(false);
  });

  test("counts the running jobs that do not fit either", () => {
    const { notices, names } = busyRun();
    const lines = frame(notices, { tree: names.map((job) => ({ job, prefix: "" })), rows: 10 });
    expect(lines).toHaveLength(9);
    expect(lines.at(-1)).toBe("… and 16 more");
  });

  test("always has room for the word to the user", () => {
    const { notices, names } = busyRun();
    const tree = names.map((job) => ({ job, prefix: "" }));
    expect(frame(notices, { tree, rows: 10, message: "cancelling" }).at(-1)).toBe("cancelling");
  });

  test("is never higher or wider than the terminal", () => {
    const { notices, names } = busyRun();
    const tree = names.map((job) => ({ job, prefix: "" }));
    const wide = [
      ...notices,
      output(4, "job-50", "work", "漢字かな".repeat(50)),
      output(4, "job-51", "work", "e\u0301🎉".repeat(60)),
    ];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 150 }), (columns, rows) => {
        const lines = frame(wide, { tree, columns, rows, style: createStyle(true), message: "cancelling" });
        expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(Math.max(1, columns - 1));
      }),
    );
  });
});

/** Columns of a terminal: two for wide characters and emoji, none for combining ones. */
function widthOf(line: string): number {
  return [...new Intl.Segmenter().segment(stripVTControlCharacters(line))]
    .map(({ segment }) => (/[\u3000-\u9fff]|\p{Emoji_Presentation}/u.test(segment) ? 2 : 1))
    .reduce((sum: number, width) => sum + width, 0);
}

test.each([
  [5, true],
  [4, false],
])("on %i rows a tree of three jobs and its head fit whole: %s", (rows, fits) => {
  const state = new RunState();
  for (const notice of failingRun) state.apply(notice);
  const style = createStyle(false);
  expect(fitsWhole(state, { tree: chain, columns: 80, rows, now: RUN_START, tick: 0, message: "", style })).toBe(fits);
});

test("a line that is still being written stands in the place of the last one until it has ended", () => {
  const state = new RunState();
  for (const notice of failingRun.slice(0, 4)) state.apply(notice);
  const drawn = (): string => {
    const options = { columns: 80, rows: 24, now: RUN_START, tick: 0, message: "", style: createStyle(false) };
    return renderFrame(state, { tree: chain, ...options });
  };
  const progress = { job: "build", step: "compile", attempt: 1, stream: "stdout", line: "50% \u001b[2Kdone" } as const;
  expect(drawn()).toContain("  compiling");
  state.applyUnfinished(progress);
  expect(drawn()).toContain("  50% done");
  expect(drawn()).not.toContain("compiling");
  state.apply(output(5, "build", "compile", "100% done"));
  expect(drawn()).toContain("  100% done");
  state.applyUnfinished({ ...progress, line: "next" });
  state.applyUnfinished({ ...progress, line: "" });
  expect(drawn()).toContain("  100% done");
});
