import type { Clock } from "@waybill/core";
import type { ExecutionCallbacks, ReportedEnd } from "../ports/execution-callbacks.ts";
import type { Executor } from "../ports/executor.ts";
import type { StepOutcome } from "./step-run.ts";

/** For a report to arrive of an execution whose executor does not know it any more. */
const REPORT_MS = 5_000;
/** How often an executor is asked about an execution that is reported to be over. */
const ASK_MS = 1_000;

export interface FollowedStep {
  /** How the step ends by the executor; never rejects. */
  readonly own: Promise<StepOutcome>;
  /** Whether an end of the whole execution in success is the end of this step. */
  readonly isLast: boolean;
  /** Whether the step began, or may have begun: what was reported before can be no end of it otherwise. */
  mayHaveBegun(): boolean;
  /** Aborted when the step's end need not be known any more. */
  readonly signal: AbortSignal;
}

export interface EndedStep {
  readonly outcome: StepOutcome;
  /** What the outcome is made of; null: the executor has told it. */
  readonly report: ReportedEnd | null;
}

/**
 * How a step ends that is told of by two: by its executor, who is asked, and by what was reported. Where both know it,
 * the executor is right. A report counts where the executor does not know the execution any more.
 */
export async function endOfStep(
  callbacks: ExecutionCallbacks,
  executor: Executor,
  clock: Clock,
  execution: string,
  step: FollowedStep,
): Promise<EndedStep> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, step.signal]);
  const own = step.own.then((outcome) => ({ outcome, report: null }));
  const gone = reportedAndGone(callbacks, executor, clock, execution, signal);
  try {
    const first = await Promise.race([own, gone]);
    if (first !== null && "outcome" in first) {
      const { outcome } = first;
      if (outcome.kind === "exited" || outcome.reason !== "execution_lost") return first;
      const report = await endWithin(callbacks, clock, execution, signal);
      return report === null ? first : (byReport(report, step) ?? withReport(outcome, report));
    }
    // It was aborted: only the executor's answer is left.
    if (first === null) return await own;
    // It is not there any more, but the last it printed may be on its way.
    const ownInTime = await within(clock, own);
    if (ownInTime?.outcome.kind === "exited") return ownInTime;
    const lost: StepOutcome = { kind: "error", reason: "execution_lost", message: "the place the job ran in is gone" };
    return byReport(first, step) ?? withReport(ownInTime?.outcome ?? lost, first);
  } finally {
    over.abort();
  }
}

/** @returns null: the report does not say how this step ended */
function byReport(report: ReportedEnd, step: FollowedStep): EndedStep | null {
  if (!step.mayHaveBegun()) return null;
  const { status, exitCode } = report;
  const exited = { kind: "exited", signal: null, outOfMemory: false } as const;
  switch (status) {
    case "SUCCEEDED":
      return step.isLast ? { outcome: { ...exited, exitCode: 0 }, report } : null;
    case "FAILED":
      return exitCode === null || exitCode === 0 ? null : { outcome: { ...exited, exitCode }, report };
    case "CANCELED":
      return { outcome: { ...exited, exitCode: null, signal: "SIGTERM" }, report };
  }
}

function withReport(outcome: StepOutcome, report: ReportedEnd): EndedStep {
  if (outcome.kind === "exited") return { outcome, report: null };
  return { outcome: { ...outcome, message: `${outcome.message}; ${reportText(report)}` }, report: null };
}

/** For people. */
export function reportText({ status, exitCode, message }: ReportedEnd): string {
  const code = exitCode === null ? "" : `, exit code ${exitCode}`;
  return `it was reported as ${status}${code}${message === null || message === "" ? "" : `: ${message}`}`;
}

/** @returns null: the signal was aborted before */
async function reportedAndGone(
  callbacks: ExecutionCallbacks,
  executor: Executor,
  clock: Clock,
  execution: string,
  signal: AbortSignal,
): Promise<ReportedEnd | null> {
  // Reports that cannot be read now are left to the end that the executor tells.
  const report = await callbacks.end(execution, signal).catch(() => null);
  while (report !== null && !signal.aborted) {
    // An executor that does not answer has not said that it is gone.
    const state = await executor.status(execution).then(
      (status) => status.state,
      () => "running",
    );
    if (state === "lost" || state === "unknown") return report;
    await pause(clock, ASK_MS, signal);
  }
  if (signal.aborted) return null;
  return await new Promise((resolve) => signal.addEventListener("abort", () => resolve(null), { once: true }));
}

async function endWithin(
  callbacks: ExecutionCallbacks,
  clock: Clock,
  execution: string,
  signal: AbortSignal,
): Promise<ReportedEnd | null> {
  const late = new AbortController();
  const timer = clock.setTimer(REPORT_MS, () => late.abort());
  try {
    return await callbacks.end(execution, AbortSignal.any([signal, late.signal])).catch(() => null);
  } finally {
    timer.cancel();
  }
}

/** @returns null: it takes longer */
async function within<Value>(clock: Clock, work: Promise<Value>): Promise<Value | null> {
  const late = Promise.withResolvers<null>();
  const timer = clock.setTimer(REPORT_MS, () => late.resolve(null));
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    timer.cancel();
  }
}

async function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      timer.cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = clock.setTimer(milliseconds, end);
    signal.addEventListener("abort", end);
  });
}
