import { parsePipeline, type ParseOptions, type ParseResult } from "./parse-pipeline.ts";

/** Shared by this package's tests. */

export function parse(text: string | Uint8Array, options: Partial<ParseOptions> = {}): ParseResult {
  return parsePipeline(text, { file: "waybill.yaml", now: 0, ...options });
}

/** `CODE line:column` of each error, in order. */
export function errorPlaces(result: ParseResult): string[] {
  return result.errors.map((error) => `${error.code} ${error.line}:${error.column}`);
}

/** A valid pipeline with one job, whose fields (as YAML lines, without indentation) are given. */
export function jobWith(...lines: readonly string[]): string {
  const fields = lines.some((line) => line.startsWith("steps:"))
    ? lines
    : [...lines, "steps:", "  - name: compile", "    script: [make]"];
  return `name: demo\njobs:\n  build:\n${fields.map((line) => `    ${line}\n`).join("")}`;
}

/** A valid pipeline with one step, to which fields are added. */
export function stepWith(...lines: readonly string[]): string {
  const script = lines.some((line) => /^(script|action):/.test(line)) ? [] : ["script: [make]"];
  const fields = ["name: compile", ...script, ...lines];
  return jobWith("steps:", ...fields.map((line, index) => `  ${index === 0 ? "- " : "  "}${line}`));
}
