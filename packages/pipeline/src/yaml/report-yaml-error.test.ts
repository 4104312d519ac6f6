import { expect, test } from "vitest";
import { YAMLParseError } from "yaml";
import { DiagnosticCollector } from "../diagnostics/diagnostic.ts";
import { SourceText } from "../diagnostics/source-text.ts";
import { reportYamlError } from "./report-yaml-error.ts";

test("an error that a later version of the library may bring is still placed and explained", () => {
  const source = new SourceText("a: 1\nb: 2\n", "waybill.yaml");
  const collector = new DiagnosticCollector(source);
  const error = new YAMLParseError([5, 6], "IMPOSSIBLE", "Something new");
  reportYamlError(error, { quotes: [], brackets: [] }, source, collector);
  expect(collector.errors()).toMatchObject([
    { code: "YAML_SYNTAX", line: 2, column: 1, message: "The YAML cannot be read here: something new." },
  ]);
});
