import type { Span } from "../diagnostics/span.ts";
import { WorkMeter } from "../expressions/budget.ts";
import { problem, type ReportProblem } from "../expressions/problem.ts";
import type { Located } from "../model/template.ts";
import { MAX_TEXT_LENGTH, MAX_TEXT_NAME, MAX_TOTAL_LENGTH, MAX_TOTAL_NAME } from "./limits.ts";
import { parseText, type ParsedText } from "./parser.ts";
import { FAILED, substitute, type Failed, type Lookup } from "./substitute.ts";
import { isPartial, printPartial, type Resolved } from "./partial-text.ts";

/** Texts a session keeps parsed: jobs made from one mould repeat each other's texts. */
const MAX_PARSED_TEXTS = 4096;

export interface SessionInputs {
  /** Literal text, never read as templates: they come from outside of the pipeline file. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly system: Readonly<Record<string, string>>;
  readonly matrix?: Readonly<Record<string, string>>;
}

/** What the texts of one pipeline share while they are resolved. */
export class Session {
  readonly parameters: ReadonlyMap<string, string>;
  readonly system: ReadonlyMap<string, string>;
  readonly matrix: ReadonlyMap<string, string>;
  readonly meter = new WorkMeter();
  readonly #reporterOf: (located: Located<string>) => ReportProblem;
  readonly #suggests: () => boolean;
  readonly #parsed = new Map<string, ParsedText>();
  #totalLength = 0;
  #totalReported = false;

  /**
   * @param reporterOf - where problems of a text go; spans count in its value
   * @param suggests - false once so many problems are known that spelling suggestions would only cost time
   */
  constructor(
    inputs: SessionInputs,
    reporterOf: (located: Located<string>) => ReportProblem,
    suggests: () => boolean = () => true,
  ) {
    this.parameters = new Map(Object.entries(inputs.parameters));
    this.system = new Map(Object.entries(inputs.system));
    this.matrix = new Map(Object.entries(inputs.matrix ?? {}));
    this.#reporterOf = reporterOf;
    this.#suggests = suggests;
  }

  get suggests(): boolean {
    return this.#suggests();
  }

  reporterOf(located: Located<string>): ReportProblem {
    return this.#reporterOf(located);
  }

  /** Parses and resolves one text of the pipeline. `lookup.report` must be `reporterOf(located)`. */
  resolve(located: Located<string>, lookup: Lookup): Resolved | Failed {
    const text = located.value;
    if (!text.includes("${")) return text;
    if (text.length > MAX_TEXT_LENGTH) {
      lookup.report(problem("VARIABLE_TEXT_TOO_LARGE", { what: "A text", limit: MAX_TEXT_NAME }, wholeOf(text)));
      return FAILED;
    }
    const { template, problems } = this.#parse(text);
    for (const found of problems) lookup.report(found);
    // Also with problems, for those of the references that could be parsed.
    const resolved = substitute(template, lookup);
    if (resolved === FAILED || problems.length > 0) return FAILED;
    return this.#spend(resolved.length, located) ? resolved : FAILED;
  }

  #parse(text: string): ParsedText {
    const known = this.#parsed.get(text);
    if (known !== undefined) return known;
    const parsed = parseText(text);
    if (this.#parsed.size < MAX_PARSED_TEXTS) this.#parsed.set(text, parsed);
    return parsed;
  }

  #spend(length: number, located: Located<string>): boolean {
    this.#totalLength += length;
    if (this.#totalLength <= MAX_TOTAL_LENGTH) return true;
    if (!this.#totalReported) {
      this.#totalReported = true;
      const parameters = { what: "The whole pipeline", limit: MAX_TOTAL_NAME };
      this.reporterOf(located)(problem("VARIABLE_TEXT_TOO_LARGE", parameters, wholeOf(located.value)));
    }
    return false;
  }
}

/** Definition text from resolved text. */
export function toText(resolved: Resolved): string | { readonly deferred: string } {
  return isPartial(resolved) ? { deferred: printPartial(resolved) } : resolved;
}

export function wholeOf(text: string): Span {
  return { start: 0, end: text.length };
}
