import {
  clip,
  errorRegistry,
  fillTemplate,
  type ErrorCode,
  type ErrorDefinition,
  type ErrorParameters,
} from "@waybill/core";
import type { SourceText } from "./source-text.ts";
import type { Span } from "./span.ts";

/** One problem of a pipeline file, complete for a person and for `--json`. */
export interface Diagnostic {
  readonly code: ErrorCode;
  /** What the code's templates were filled with, for programs that want more than the message. */
  readonly parameters?: Readonly<Record<string, string | number>>;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly file: string | null;
  /** From 1; 0 where the problem has no place (an empty file, say). */
  readonly line: number;
  readonly column: number;
  /** Characters to underline, at least 1, never past the end of the line. */
  readonly length: number;
  /** Path of the field, for example `jobs.build.steps[0].script`; empty: the whole file. */
  readonly path: string;
  /** For example `In job "build", step "compile"`; empty at the top of the file. */
  readonly context: string;
  /** The offending line as it stands in the file. */
  readonly sourceLine: string;
  /** What to do. */
  readonly suggestion: string;
  /** Page and anchor below `docs/reference/`. */
  readonly help: string;
}

export interface DiagnosticPlace {
  readonly span: Span | null;
  readonly path: string;
  readonly context?: string;
  /** Replaces the registry's remedy where the case knows better (a spelling correction, say). */
  readonly suggestion?: string;
  /** Replaces the registry's page where one code serves many fields. */
  readonly help?: string;
}

/** Past this many errors a file is beyond repair one by one; the rest are counted, not kept. */
const MAX_DIAGNOSTICS = 200;

/**
 * What a problem repeats of the file is cut here. Without it a key of a megabyte that many problems name would become
 * hundreds of megabytes of text.
 */
const MAX_QUOTED = 1000;

/** Collects the problems of one file while the phases go on. */
export class DiagnosticCollector {
  readonly #source: SourceText;
  readonly #diagnostics: Diagnostic[] = [];
  #errorCount = 0;
  #describePlace: (path: string) => string = contextOf;

  constructor(source: SourceText) {
    this.#source = source;
  }

  /** The text that spans count in. */
  get source(): SourceText {
    return this.#source;
  }

  report<Code extends ErrorCode>(code: Code, parameters: ErrorParameters<Code>, place: DiagnosticPlace): void {
    const definition: ErrorDefinition = errorRegistry[code];
    if (definition.severity === "error") this.#errorCount += 1;
    if (this.#diagnostics.length >= MAX_DIAGNOSTICS) return;
    const quoted = clipAll(parameters);
    const position = place.span === null ? { line: 0, column: 0 } : this.#source.positionAt(place.span.start);
    const sourceLine = position.line === 0 ? "" : this.#source.lineText(position.line);
    const room = Math.max(1, sourceLine.length - position.column + 1);
    this.#diagnostics.push({
      code,
      parameters: quoted,
      severity: definition.severity,
      message: fillTemplate(definition.message, quoted),
      file: this.#source.file,
      ...position,
      length: place.span === null ? 1 : Math.max(1, Math.min(place.span.end - place.span.start, room)),
      path: clip(place.path, MAX_QUOTED),
      context: clip(place.context ?? this.#describePlace(place.path), MAX_QUOTED),
      sourceLine,
      suggestion: clip(place.suggestion ?? fillTemplate(definition.remedy, quoted), 2 * MAX_QUOTED),
      help: place.help ?? definition.help,
    });
  }

  /** Sets how a path is put into words; each format has its own words. */
  describePlaces(describe: (path: string) => string): void {
    this.#describePlace = describe;
  }

  /** Line (from 1) of a place, for messages that point at a second one. */
  lineOf(span: Span): number {
    return this.#source.positionAt(span.start).line;
  }

  get hasErrors(): boolean {
    return this.#errorCount > 0;
  }

  /** All errors found, also those past the number that is kept. */
  get errorCount(): number {
    return this.#errorCount;
  }

  /** Ordered by place in the file. */
  errors(): readonly Diagnostic[] {
    return this.#ordered("error");
  }

  warnings(): readonly Diagnostic[] {
    return this.#ordered("warning");
  }

  #ordered(severity: Diagnostic["severity"]): Diagnostic[] {
    return this.#diagnostics
      .filter((diagnostic) => diagnostic.severity === severity)
      .toSorted((a, b) => a.line - b.line || a.column - b.column);
  }
}

function clipAll(parameters: Readonly<Record<string, string | number>>): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      typeof value === "string" ? clip(value, MAX_QUOTED) : value,
    ]),
  );
}

/** What a path alone tells: `jobs.build.steps[0].script` -> `In job "build", step 1`. */
function contextOf(path: string): string {
  const match = /^jobs\.([\w-]+)(?:\.steps\[(\d+)\])?/.exec(path);
  if (match === null) return "";
  const step = match[2] === undefined ? "" : `, step ${Number(match[2]) + 1}`;
  return `In job "${match[1]}"${step}`;
}
