import type { Clock } from "@waybill/core";
import {
  DEFAULT_EVALUATION_CLOCK,
  MAX_EVALUATION_MS,
  MAX_EXPRESSION_STEPS,
  MAX_VALUE_LENGTH,
  type EvaluationOptions,
} from "./limits.ts";
import { problem, type Problem } from "./problem.ts";
import type { Span } from "../diagnostics/span.ts";

/** Carries the first problem of an evaluation out. Never leaves this folder. */
export class EvaluationFailure extends Error {
  readonly problem: Problem;

  constructor(found: Problem) {
    super(found.code);
    this.problem = found;
  }
}

/** Reading the clock costs more than most steps. */
const STEPS_PER_CLOCK_READ = 256;

/** What one evaluation may still spend. */
export class Budget {
  readonly redact: boolean;
  readonly #clock: Pick<Clock, "now">;
  readonly #deadline: number;
  readonly #span: Span;
  #steps = 0;
  #nextClockRead = 0;

  constructor(options: EvaluationOptions, span: Span) {
    this.#clock = options.clock ?? DEFAULT_EVALUATION_CLOCK;
    this.redact = options.redact ?? false;
    this.#deadline = this.#clock.now() + MAX_EVALUATION_MS;
    this.#span = span;
  }

  /** @throws EvaluationFailure `EXPRESSION_LIMIT` past the number of steps or the time */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > MAX_EXPRESSION_STEPS) this.exceeded(`${MAX_EXPRESSION_STEPS} steps`);
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
