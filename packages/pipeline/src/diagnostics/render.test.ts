import { visible } from "@waybill/core";
import { describe, expect, test } from "vitest";
import { jobWith, parse, stepWith } from "../testing.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { displayWidth } from "./display.ts";
import { renderDiagnostic } from "./render.ts";
import { diagnosticToJson } from "./to-json.ts";

function onlyError(text: string): Diagnostic {
  const [error, ...others] = parse(text).errors;
  if (error === undefined || others.length > 0) throw new Error("the text must have exactly one error");
  return error;
}

const plain = (diagnostic: Diagnostic): string => renderDiagnostic(diagnostic, { colour: false });

/** The part of the source line above the carets. */
function underlined(rendered: string): string {
  const lines = rendered.split("\n");
  const caretLine = lines.findIndex((line) => /^\s*\| *\^+$/.test(line));
  const carets = lines[caretLine] ?? "";
  const source = lines[caretLine - 1] ?? "";
  const start = carets.indexOf("^");
  return source.slice(start, start + carets.lastIndexOf("^") - start + 1);
}

describe("rendering a problem", () => {
  test("shows code, message, place, context, line, underline, remedy and page", () => {
    expect(plain(onlyError(jobWith("timeout: soon")))).toBe(
      [
        'error[PIPELINE_WRONG_TYPE]: "timeout" must be a whole number from 1 to 3600, but it is the text "soon".',
        ' --> waybill.yaml:4:14  In job "build"',
        "  |",
        "4 |     timeout: soon",
        "  |              ^^^^",
        "  fix: Change it to a whole number from 1 to 3600.",
        "  see: docs/reference/pipeline-syntax.md#timeouts-and-retries",
      ].join("\n"),
    );
  });

  test("leaves the line out where the problem has no place", () => {
    expect(plain(onlyError("# empty\n"))).not.toContain("|");
  });

  test("colours only where asked to", () => {
    const error = onlyError(jobWith("timeout: soon"));
    expect(plain(error)).not.toContain("\u001b");
    expect(renderDiagnostic(error, { colour: true })).toContain("\u001b[31m");
  });

  test("underlines behind wide characters", () => {
    const rendered = plain(onlyError(stepWith("environment: {A: '漢字🚚', B: [1]}")));
    const [line, carets] = rendered.split("\n").slice(3, 5) as [string, string];
    expect(displayWidth(line.slice(0, line.indexOf("B: [")))).toBe(carets.indexOf("^"));
  });

  test("underlines behind tabs, which it shows as spaces", () => {
    expect(underlined(plain(onlyError("name: demo\njobs:\t\t{}\n# x")))).toBe("jobs");
    const rendered = plain(onlyError(stepWith("timeout:\tsoon")));
    expect(rendered).not.toContain("\t");
    expect(underlined(rendered)).toBe("soon");
  });

  test("cuts a long line around the place", () => {
    const rendered = plain(
      onlyError(stepWith(`environment: {A: '${"x".repeat(5_000)}', B: [12], C: '${"y".repeat(5_000)}'}`)),
    );
    expect(Math.max(...rendered.split("\n").map((line) => line.length))).toBeLessThan(160);
    expect(underlined(rendered)).toBe("B");
    expect(rendered).toMatch(/…x+', B: \[12\], C: 'y+…/);
  });

  test("lets no control sequence of the file reach the terminal", () => {
    const rendered = plain(onlyError(stepWith('image: "a\\x1b[2J\\u202e"')));
    expect(rendered).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
    expect(rendered).toContain("\\x1b[2J\\u202e");
  });

  test("counts combining marks and joiners as nothing", () => {
    expect(displayWidth("e\u0301")).toBe(1);
    expect(displayWidth("漢")).toBe(2);
    expect(displayWidth("abc")).toBe(3);
    expect(visible("a\u0007b")).toBe("a\\x07b");
  });
});

describe("a problem as JSON", () => {
  test("has exactly the documented fields", () => {
    expect(diagnosticToJson(onlyError(jobWith("timeout: soon")))).toEqual({
      code: "PIPELINE_WRONG_TYPE",
      message: '"timeout" must be a whole number from 1 to 3600, but it is the text "soon".',
      file: "waybill.yaml",
      line: 4,
      column: 14,
      path: "jobs.build.timeout",
      context: 'In job "build"',
      suggestion: "Change it to a whole number from 1 to 3600.",
      help: "pipeline-syntax.md#timeouts-and-retries",
    });
  });
});
