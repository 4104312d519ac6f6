import type { Clock } from "../clock.ts";
import { WaybillError } from "../errors/waybill-error.ts";

/** As it stands in statistics. */
export type CircuitState = "closed" | "open" | "half_open";

export interface CircuitBreakerSettings {
  /** Failures in a row that open the circuit. Default: 5. */
  readonly failureThreshold?: number;
  /** Successful probes that close it again. Default: 3. */
  readonly successThreshold?: number;
  /** Seconds since the last failure after which it is probed. Default: 60. */
  readonly timeoutSeconds?: number;
  /** Probes at a time. Default: 1. */
  readonly maxProbes?: number;
  /** Which errors count as failures; others pass through uncounted. Default: all. */
  readonly isFailure?: (error: unknown) => boolean;
  /** Told of every change of state, with the words for a log. */
  readonly onTransition?: (transition: CircuitTransition) => void;
}

export interface CircuitBreakerOptions extends CircuitBreakerSettings {
  /** Of what it protects, as it stands in messages. */
  readonly name: string;
  readonly clock: Clock;
}

export interface CircuitTransition {
  readonly name: string;
  readonly from: CircuitState;
  readonly to: CircuitState;
  readonly level: "info" | "warn";
  /** Name of the logger for it. */
  readonly logger: string;
  readonly message: string;
}

/** What a person or a program sees of a breaker. Field names are the wire's. */
export interface CircuitStats {
  readonly name: string;
  readonly state: CircuitState;
  readonly failure_count: number;
  readonly success_count: number;
  /** ISO 8601, UTC; null: none was counted. */
  readonly last_failure_time: string | null;
}

/** Leave for one call. The first report counts; each permit needs one, or its probe is never given back. */
export interface CircuitPermit {
  succeeded(): void;
  failed(): void;
  /** The call says nothing of the service: it was called off, or failed of something else. */
  released(): void;
}

/**
 * Keeps many callers from pounding a service that is down: after some failures in a row calls fail at once, until a few
 * probes have shown that it answers again.
 *
 * Nothing is awaited while the state is looked at or changed, so calls run side by side. There is no timer: the end of
 * the time-out is noticed by the next call. Counted are failures in a row, not a rate.
 */
export class CircuitBreaker {
  readonly name: string;
  readonly #clock: Clock;
  readonly #failureThreshold: number;
  readonly #successThreshold: number;
  readonly #timeoutSeconds: number;
  readonly #maxProbes: number;
  readonly #isFailure: (error: unknown) => boolean;
  readonly #onTransition: (transition: CircuitTransition) => void;
  #state: CircuitState = "closed";
  #failures = 0;
  #successes = 0;
  #lastFailure: number | null = null;
  #probes = 0;
  /** Counts changes of state: a permit of an earlier one gives no probe back to this one. */
  #era = 0;

  /** @throws RangeError for a threshold below 1 or a time-out below 0 */
  constructor(options: CircuitBreakerOptions) {
    this.name = options.name;
    this.#clock = options.clock;
    this.#failureThreshold = atLeast(1, options.failureThreshold ?? 5);
    this.#successThreshold = atLeast(1, options.successThreshold ?? 3);
    this.#timeoutSeconds = atLeast(0, options.timeoutSeconds ?? 60);
    this.#maxProbes = atLeast(1, options.maxProbes ?? 1);
    this.#isFailure = options.isFailure ?? ((): boolean => true);
    this.#onTransition = options.onTransition ?? ((): void => undefined);
  }

  /** Where nobody has called since the time-out ended, still `open`. */
  get state(): CircuitState {
    return this.#state;
  }

  /**
   * @returns what `work` returns
   * @throws WaybillError `CIRCUIT_OPEN` without calling it, or what `work` throws
   */
  async call<Result>(work: () => Promise<Result>): Promise<Result> {
    const permit = this.admit();
    try {
      const result = await work();
      permit.succeeded();
      return result;
    } catch (error) {
      if (this.#isFailure(error)) permit.failed();
      else permit.released();
      throw error;
    }
  }

  /** As `call`, for work that is no promise. @throws WaybillError `CIRCUIT_OPEN` */
  admit(): CircuitPermit {
    const permit = this.tryAdmit();
    if (permit !== null) return permit;
    throw new WaybillError("CIRCUIT_OPEN", { name: this.name, seconds: this.#timeoutSeconds });
  }

  /** @returns null: nobody may call now */
  tryAdmit(): CircuitPermit | null {
    if (this.#state === "open" && this.waitMs() === 0) {
      this.#successes = 0;
      this.#change("half_open");
    }
    if (this.#state === "open") return null;
    if (this.#state === "half_open") {
      if (this.#probes >= this.#maxProbes) return null;
      this.#probes += 1;
    }
    return this.#permit(this.#era);
  }

  /** A failure that was seen outside of a call, in what a program printed, say. */
  recordFailure(): void {
    this.#failures += 1;
    this.#lastFailure = this.#clock.now();
    if (this.#state === "half_open" || (this.#state === "closed" && this.#failures >= this.#failureThreshold)) {
      this.#change("open");
    }
  }

  /** Milliseconds until a call may be a probe; 0 unless it is open. */
  waitMs(): number {
    if (this.#state !== "open" || this.#lastFailure === null) return 0;
    const elapsed = this.#clock.now() - this.#lastFailure;
    // Strictly more than the time-out, in whole milliseconds. A clock set back must not lock it for longer than that.
    const wholeWait = this.#timeoutSeconds * 1000 + 1;
    return Math.min(Math.max(0, wholeWait - elapsed), wholeWait);
  }

  stats(): CircuitStats {
    return {
      name: this.name,
      state: this.#state,
      failure_count: this.#failures,
      success_count: this.#successes,
      last_failure_time: this.#lastFailure === null ? null : new Date(this.#lastFailure).toISOString(),
    };
  }

  #permit(era: number): CircuitPermit {
    let isReported = false;
    const report = (count: () => void) => () => {
      if (isReported) return;
      isReported = true;
      if (era === this.#era && this.#state === "half_open") this.#probes -= 1;
      count();
    };
    return {
      succeeded: report(() => this.#succeeded(era)),
      failed: report(() => this.recordFailure()),
      released: report(() => undefined),
    };
  }

  /** What was called before the circuit changed says nothing of the service as it is now. */
  #succeeded(era: number): void {
    if (era !== this.#era) return;
    if (this.#state === "closed") {
      this.#failures = 0;
      return;
    }
    this.#successes += 1;
    if (this.#successes < this.#successThreshold) return;
    this.#failures = 0;
    this.#successes = 0;
    this.#change("closed");
  }

  #change(to: CircuitState): void {
    const { name } = this;
    const from = this.#state;
    this.#state = to;
    this.#era += 1;
    this.#probes = 0;
    const message = `Circuit breaker ${name} transitioned to ${to.toUpperCase()}`;
    const level = to === "open" ? "warn" : "info";
    this.#onTransition({ name, from, to, level, logger: `circuit_breaker.${name}`, message });
  }
}

function atLeast(minimum: number, value: number): number {
  if (!(value >= minimum)) throw new RangeError(`expected ${minimum} or more, not ${value}`);
  return value;
}
