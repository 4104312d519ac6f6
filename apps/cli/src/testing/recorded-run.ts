import type { EngineNotice, OutputLine, RunEvent } from "@waybill/engine";

/** 2026-03-01T12:00:00.000Z: when recorded runs begin. */
export const RUN_START = Date.UTC(2026, 2, 1, 12);

export function event(atMs: number, happened: RunEvent): EngineNotice {
  return { time: RUN_START + atMs, event: happened };
}

export function output(
  atMs: number,
  job: string,
  step: string,
  line: string,
  stream: OutputLine["stream"] = "stdout",
): EngineNotice {
  return { time: RUN_START + atMs, output: { job, step, attempt: 1, stream, line } };
}

/** `build` succeeds, `test` fails, `ship` cannot run: what a renderer gets of it. */
export const failingRun: readonly EngineNotice[] = [
  event(0, { type: "run.started", pipeline: "shop", number: 7, jobs: ["build", "test", "ship"] }),
  event(1, { type: "job.started", job: "build", attempt: 1, executor: "process" }),
  event(2, { type: "step.started", job: "build", step: "compile", attempt: 1 }),
  output(3, "build", "compile", "compiling"),
  output(4, "build", "compile", "deprecated flag", "stderr"),
  event(1202, {
    type: "step.finished",
    job: "build",
    step: "compile",
    attempt: 1,
    status: "success",
    exit_code: 0,
    signal: null,
    reason: null,
    duration_ms: 1200,
  }),
  event(1203, {
    type: "job.finished",
    job: "build",
    status: "success",
    reason: null,
    message: "",
    attempts: 1,
    duration_ms: 1202,
  }),
  event(1204, { type: "job.started", job: "test", attempt: 1, executor: "process" }),
  event(1205, { type: "step.started", job: "test", step: "unit", attempt: 1 }),
  output(1206, "test", "unit", "expected 1, got 2"),
  event(1305, {
    type: "step.finished",
    job: "test",
    step: "unit",
    attempt: 1,
    status: "failed",
    exit_code: 3,
    signal: null,
    reason: "step_failed",
    duration_ms: 100,
  }),
  event(1306, {
    type: "job.finished",
    job: "test",
    status: "failed",
    reason: "step_failed",
    message: 'step "unit" exited with code 3',
    attempts: 1,
    duration_ms: 102,
  }),
  event(1306, {
    type: "job.finished",
    job: "ship",
    status: "cancelled",
    reason: "dependency_failed",
    message: 'depends on "test", which failed',
    attempts: 0,
    duration_ms: 0,
  }),
  event(1307, {
    type: "run.finished",
    status: "failed",
    reason: "step_failed",
    duration_ms: 1307,
    jobs: {
      build: { status: "success", reason: null, message: "", attempts: 1, duration_ms: 1202 },
      test: {
        status: "failed",
        reason: "step_failed",
        message: 'step "unit" exited with code 3',
        attempts: 1,
        duration_ms: 102,
      },
      ship: {
        status: "cancelled",
        reason: "dependency_failed",
        message: 'depends on "test", which failed',
        attempts: 0,
        duration_ms: 0,
      },
    },
  }),
];
