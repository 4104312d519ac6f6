import { excerpt, problem, type ReportProblem } from "../expressions/problem.ts";
import { parseBoolean } from "../expressions/values.ts";
import type { Text } from "../model/definition.ts";
import type { Range } from "../model/ranges.ts";
import type { Located } from "../model/template.ts";
import type { EnvironmentScope } from "./environment-scope.ts";
import { isPartial } from "./partial-text.ts";
import { toText, wholeOf } from "./session.ts";
import { FAILED } from "./substitute.ts";

/**
 * Resolves the values of fields. Where one cannot be had the problem has been reported and the field gets a value that
 * keeps the definition's shape; the caller looks at the collector before using it.
 */
export class FieldResolver {
  readonly #reporterOf: (located: Located<unknown>) => ReportProblem;
  readonly #trustsPlain: boolean;

  /**
   * @param trustsPlain - true where problems were found before, so that a plain value which does not fit its field
   *   has been reported already; else it is reported here, and never accepted in silence
   */
  constructor(reporterOf: (located: Located<unknown>) => ReportProblem, trustsPlain: boolean) {
    this.#reporterOf = reporterOf;
    this.#trustsPlain = trustsPlain;
  }

  /** Text that may wait for the run. */
  text(located: Located<string>, scope: EnvironmentScope): Text {
    const resolved = scope.resolve(located);
    return resolved === FAILED ? located.value : toText(resolved);
  }

  /** Text that may wait for the run and must not be empty. */
  filledText(located: Located<string>, field: string, scope: EnvironmentScope): Text {
    const text = this.text(located, scope);
    if (text === "") this.#reportEmpty(located, field);
    return text;
  }

  /** Text that must be known now and must not be empty. */
  name(located: Located<string>, field: string, scope: EnvironmentScope): string {
    const text = this.#known(located, field, scope);
    if (text === "") this.#reportEmpty(located, field);
    return text ?? located.value;
  }

  integer(
    located: Located<number | string> | null,
    field: string,
    range: Range,
    fallback: number,
    scope: EnvironmentScope,
  ): number {
    if (located === null) return fallback;
    if (typeof located.value === "number") {
      if (inRange(located.value, range)) return located.value;
      this.#reportPlain(located, field, range);
      return fallback;
    }
    const text = this.#known(located as Located<string>, field, scope);
    if (text === null) return fallback;
    const value = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : null;
    if (value === null) {
      const wanted = `a whole number from ${range.min} to ${range.max}`;
      this.#reportType(located as Located<string>, field, "integer", text, wanted);
      return fallback;
    }
    if (inRange(value, range)) return value;
    const parameters = { field, min: range.min, max: range.max, value };
    this.#reporterOf(located)(problem("VARIABLE_OUT_OF_RANGE", parameters, wholeOf(located.value)));
    return fallback;
  }

  boolean(
    located: Located<boolean | string> | null,
    field: string,
    fallback: boolean,
    scope: EnvironmentScope,
  ): boolean {
    if (located === null) return fallback;
    if (typeof located.value === "boolean") return located.value;
    const text = this.#known(located as Located<string>, field, scope);
    if (text === null) return fallback;
    const value = parseBoolean(text);
    if (value === null) this.#reportType(located as Located<string>, field, "boolean", text, "true or false");
    return value ?? fallback;
  }

  #known(located: Located<string>, field: string, scope: EnvironmentScope): string | null {
    const resolved = scope.resolve(located);
    if (resolved === FAILED) return null;
    if (!isPartial(resolved)) return resolved;
    const parameters = { field, template: excerpt(located.value) };
    this.#reporterOf(located)(problem("VARIABLE_NOT_YET_KNOWN", parameters, wholeOf(located.value)));
    return null;
  }

  #reportEmpty(located: Located<string>, field: string): void {
    if (this.#trustsPlain && !located.value.includes("$")) return;
    const parameters = { field, template: excerpt(located.value) };
    this.#reporterOf(located)(problem("VARIABLE_EMPTY_VALUE", parameters, wholeOf(located.value)));
  }

  #reportType(located: Located<string>, field: string, type: string, value: string, wanted: string): void {
    if (this.#trustsPlain && !located.value.includes("$")) return;
    const parameters = { type, field, template: excerpt(located.value), value: excerpt(value), wanted };
    this.#reporterOf(located)(problem("VARIABLE_TYPE", parameters, wholeOf(located.value)));
  }

  #reportPlain(located: Located<number | string>, field: string, range: Range): void {
    if (this.#trustsPlain) return;
    const parameters = { field, min: range.min, max: range.max, value: String(located.value) };
    this.#reporterOf(located)(problem("VARIABLE_OUT_OF_RANGE", parameters, { start: 0, end: 0 }));
  }
}

function inRange(value: number, range: Range): boolean {
  return Number.isInteger(value) && value >= range.min && value <= range.max;
}
