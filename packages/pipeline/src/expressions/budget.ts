import { systemClock, type Clock } from "@waybill/core";
import type { Span } from "../diagnostics/span.ts";
import { MAX_EVALUATION_MS, MAX_EXPRESSION_STEPS, MAX_TOTAL_STEPS, MAX_VALUE_LENGTH } from "./limits.ts";
import { problem, type Problem } from "./problem.ts";

/** What many evaluations may spend together. Without it a file of many costly expressions could take hours. */
export class WorkMeter {
  #left = MAX_TOTAL_STEPS;

  /** @returns false once all is spent */
  spend(steps: number): boolean {
    this.#left -= steps;
    return this.#left >= 0;
  }
}

export interface EvaluationOptions {
  /** Measures the time limit. */
  readonly clock?: Pick<Clock, "now">;
  readonly meter?: WorkMeter;
  /** Keeps values out of messages: set where secrets take part. */
  readonly redact?: boolean;
}

/** Steps for work that is linear in a text, such as comparing or copying it. */
export function textSteps(length: number): number {
  return length >> 10;
}

/**
 * Steps for finding `needle` in a text. The platform's search is linear for ordinary text; the worst case is the
 * product of the lengths (135 ms for 1024 in 1 MiB), and that is what is charged.
 */
export function searchSteps(text: string, needle: string): number {
  return (text.length * (needle.length + 16)) >> 12;
}

/** Carries the first problem of an evaluation out. Never leaves this folder. */
export class EvaluationFailure extends Error {
  readonly problem: Problem;

  constructor(found: Problem) {
    super(found.code);
    this.problem = found;
  }
}

/** For messages. */
export const TOTAL_STEPS_LIMIT = `${MAX_TOTAL_STEPS} steps for all expressions together`;

/** Reading the clock costs more than most steps. */
const STEPS_PER_CLOCK_READ = 256;

/** What one evaluation may still spend. */
export class Budget {
  readonly redact: boolean;
  readonly #clock: Pick<Clock, "now">;
  readonly #meter: WorkMeter;
  readonly #deadline: number;
  readonly #span: Span;
  #steps = 0;
  #nextClockRead = 0;

  constructor(options: EvaluationOptions, span: Span) {
    this.#clock = options.clock ?? systemClock;
    this.#meter = options.meter ?? new WorkMeter();
    this.redact = options.redact ?? false;
    this.#deadline = this.#clock.now() + MAX_EVALUATION_MS;
    this.#span = span;
  }

  /** @throws EvaluationFailure `EXPRESSION_LIMIT` past the number of steps or the time */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > MAX_EXPRESSION_STEPS) this.exceeded(`${MAX_EXPRESSION_STEPS} steps`);
    if (!this.#meter.spend(steps)) this.exceeded(TOTAL_STEPS_LIMIT);
    if (this.#steps < this.#nextClockRead) return;
    this.#nextClockRead = this.#steps + STEPS_PER_CLOCK_READ;
    if (this.#clock.now() > this.#deadline) this.exceeded(`${MAX_EVALUATION_MS / 1000} seconds`);
  }

  /** @throws EvaluationFailure `EXPRESSION_LIMIT` for a text longer than a value may be */
  checkLength(length: number): void {
    if (length > MAX_VALUE_LENGTH) this.exceeded(`${MAX_VALUE_LENGTH} characters in one value`);
  }

  /** @throws EvaluationFailure always */
  exceeded(limit: string): never {
    throw new EvaluationFailure(problem("EXPRESSION_LIMIT", { limit }, this.#span));
  }
}
