import { errorRegistry, isErrorCode, WaybillError, type Clock } from "@waybill/core";
import type { ServerLog } from "../server-log.ts";
import { currentCorrelation } from "../telemetry/correlation.ts";

/** Different ones that are remembered; of more the one that was seen longest ago is forgotten. */
const MAX_ERRORS = 100;

/** An error of a part of the server, as often as it came. Times are milliseconds since the epoch. */
export interface RecentError {
  readonly component: string;
  /** What was being done. */
  readonly what: string;
  /** Null: a defect, which has no code. */
  readonly code: string | null;
  /** As errors for people say it: without secrets. Of a defect nothing, as nobody knows what it holds. */
  readonly message: string;
  readonly remedy: string;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** Of the last one: log lines have it, too. */
  readonly correlationId: string | null;
}

/** What went wrong in this process since it started, so that an operator sees it without reading the log. */
export class RecentErrors {
  readonly #clock: Clock;
  readonly #errors = new Map<string, RecentError>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(component: string, what: string, error: unknown): void {
    const known = error instanceof WaybillError ? error : null;
    const code = known?.code ?? null;
    const key = `${component}\0${what}\0${code ?? ""}`;
    const earlier = this.#errors.get(key);
    const now = this.#clock.now();
    // Behind all others: a map is in the order in which its keys were set.
    this.#errors.delete(key);
    this.#errors.set(key, {
      component,
      what,
      code,
      message: known?.message ?? "",
      remedy: code !== null && isErrorCode(code) ? errorRegistry[code].remedy : "Look at the server's log.",
      count: (earlier?.count ?? 0) + 1,
      firstAt: earlier?.firstAt ?? now,
      lastAt: now,
      correlationId: currentCorrelation()?.id ?? null,
    });
    const oldest = this.#errors.keys().next().value;
    if (this.#errors.size > MAX_ERRORS && oldest !== undefined) this.#errors.delete(oldest);
  }

  /** The last one first. */
  list(): readonly RecentError[] {
    return [...this.#errors.values()].toReversed();
  }
}

/** The same log, whose errors are remembered. */
export function rememberingLog(log: ServerLog, errors: RecentErrors, component = "server"): ServerLog {
  return {
    debug: (message, fields) => log.debug(message, fields),
    info: (message, fields) => log.info(message, fields),
    warn: (message, fields) => log.warn(message, fields),
    error: (message, fields, error) => {
      errors.add(component, message, error);
      log.error(message, fields, error);
    },
    component: (name) => rememberingLog(log.component(name), errors, name),
  };
}
