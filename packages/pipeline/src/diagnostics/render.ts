import { visible } from "@waybill/core";
import type { Diagnostic } from "./diagnostic.ts";
import { displayWidth } from "./display.ts";

/** Columns of a source line that are shown; a longer one is cut around the place. */
const MAX_LINE_WIDTH = 100;

/** Columns kept before the place where a line is cut. */
const LEAD = 40;

const STYLES = { bold: 1, red: 31, yellow: 33, blue: 34, cyan: 36, dim: 2 } as const;
type Style = keyof typeof STYLES;

export interface RenderOptions {
  /** Whether to use terminal colours. */
  readonly colour: boolean;
}

/**
 * A problem as a person reads it on a terminal: what and where, the line with the place underlined, what to do, and
 * where to read more. Nothing from the file reaches the terminal as a control sequence. Ends without a line break.
 */
export function renderDiagnostic(diagnostic: Diagnostic, options: RenderOptions): string {
  const paint = (text: string, ...styles: readonly Style[]): string =>
    options.colour ? `${styles.map((style) => `\u001b[${STYLES[style]}m`).join("")}${text}\u001b[0m` : text;
  const tone: Style = diagnostic.severity === "error" ? "red" : "yellow";
  const gutter = " ".repeat(String(diagnostic.line || "").length);

  const lines = [
    `${paint(`${diagnostic.severity}[${diagnostic.code}]`, "bold", tone)}: ${visible(diagnostic.message)}`,
  ];
  const context = diagnostic.context === "" ? "" : `  ${visible(diagnostic.context)}`;
  lines.push(`${gutter}${paint("-->", "blue")} ${visible(placeOf(diagnostic))}${paint(context, "dim")}`);
  if (diagnostic.line > 0) {
    const excerpt = excerptOf(diagnostic);
    const bar = paint("|", "blue");
    lines.push(`${gutter} ${bar}`);
    lines.push(`${paint(String(diagnostic.line), "blue")} ${bar} ${excerpt.line}`.trimEnd());
    lines.push(`${gutter} ${bar} ${excerpt.indent}${paint(excerpt.underline, "bold", tone)}`);
  }
  if (diagnostic.suggestion !== "") lines.push(`${gutter} ${paint("fix:", "cyan")} ${visible(diagnostic.suggestion)}`);
  lines.push(`${gutter} ${paint("see:", "cyan")} docs/reference/${diagnostic.help}`);
  return lines.join("\n");
}

/** `waybill.yaml:3:5`, which terminals and editors turn into a link. */
function placeOf(diagnostic: Diagnostic): string {
  const file = diagnostic.file ?? "pipeline";
  return diagnostic.line === 0 ? file : `${file}:${diagnostic.line}:${diagnostic.column}`;
}

interface Excerpt {
  readonly line: string;
  readonly indent: string;
  readonly underline: string;
}

function excerptOf(diagnostic: Diagnostic): Excerpt {
  const start = diagnostic.column - 1;
  const isLong = diagnostic.sourceLine.length > MAX_LINE_WIDTH;
  const from = isLong && start > MAX_LINE_WIDTH - LEAD ? start - LEAD : 0;
  const cut = diagnostic.sourceLine.slice(from, from + MAX_LINE_WIDTH);
  const before = `${from > 0 ? "…" : ""}${visible(cut.slice(0, start - from))}`;
  const marked = visible(cut.slice(start - from, start - from + diagnostic.length));
  const after = visible(cut.slice(start - from + diagnostic.length));
  const isCut = from + MAX_LINE_WIDTH < diagnostic.sourceLine.length;
  return {
    line: `${before}${marked}${after}${isCut ? "…" : ""}`,
    indent: " ".repeat(displayWidth(before)),
    underline: "^".repeat(Math.max(1, displayWidth(marked))),
  };
}
