import type { Clock } from "@waybill/core";
import type { SqlExecutionReports } from "@waybill/database";
import type { ExecutionCallback, ExecutionCallbacks, ReportedEnd } from "@waybill/engine";
import type { ExecutionTokens } from "../access/execution-tokens.ts";

/** Another server may have got the report. */
const LOOK_MS = 1_000;

export interface ReportedExecutionsOptions {
  readonly reports: SqlExecutionReports;
  readonly tokens: ExecutionTokens;
  readonly clock: Clock;
  /** Where this server, or one that shares its store, is reached; without a slash at the end. */
  readonly url: Promise<string>;
}

/** What executors report, for the engine: whoever waits for the end of an execution is woken by its report. */
export class ReportedExecutions implements ExecutionCallbacks {
  readonly #options: ReportedExecutionsOptions;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(options: ReportedExecutionsOptions) {
    this.#options = options;
  }

  async issue(executionId: string, lifetimeMs: number): Promise<ExecutionCallback> {
    const { url, tokens } = this.#options;
    const base = await url;
    return { url: `${base}/v1/executions/${executionId}/status`, token: tokens.issue(executionId, lifetimeMs) };
  }

  /** Something was reported of it, and is stored. */
  changed(executionId: string): void {
    for (const wake of this.#waiting.get(executionId) ?? []) wake();
  }

  async end(executionId: string, signal: AbortSignal): Promise<ReportedEnd | null> {
    const { reports } = this.#options;
    while (!signal.aborted) {
      const changed = this.#nextChange(executionId, signal);
      const report = await reports.find(executionId);
      if (report !== null && report.status !== "PENDING" && report.status !== "RUNNING") {
        changed.forget();
        const { status, exitCode, message } = report;
        return { status, exitCode, message };
      }
      await changed.seen;
    }
    return null;
  }

  #nextChange(executionId: string, signal: AbortSignal): { readonly seen: Promise<void>; readonly forget: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wakes = this.#waiting.get(executionId) ?? new Set<() => void>();
    this.#waiting.set(executionId, wakes);
    const wake = (): void => {
      timer.cancel();
      signal.removeEventListener("abort", wake);
      wakes.delete(wake);
      if (wakes.size === 0) this.#waiting.delete(executionId);
      resolve();
    };
    const timer = this.#options.clock.setTimer(LOOK_MS, wake);
    wakes.add(wake);
    signal.addEventListener("abort", wake);
    return { seen: promise, forget: wake };
  }
}
