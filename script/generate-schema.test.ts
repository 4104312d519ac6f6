import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { errorRegistry } from "@waybill/core";
import { parsePipeline } from "@waybill/pipeline";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { generatedFiles } from "./generate-schema.ts";

const root = join(import.meta.dirname, "..");
const files = generatedFiles();
const page = files.get("docs/reference/pipeline-syntax.md") ?? "";
const validate = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(
  JSON.parse(files.get("schema/waybill.schema.json") ?? "") as object,
);

/** The complete pipelines among the page's examples. */
const examples = [...page.matchAll(/```yaml\n([^]*?)```/g)]
  .map((match) =>
    (match[1] ?? "").replaceAll(/^ {2}(?=name:|jobs:| )/gm, (indent) => (match[1]?.startsWith("  ") ? "" : indent)),
  )
  .filter((text) => /^(name|version):/m.test(text));

describe("generated files", () => {
  test.each([...files])("%s is what the script would write", (path, content) => {
    // If this fails, run `node script/generate-schema.ts` and commit what it wrote.
    expect(readFileSync(join(root, path), "utf8")).toBe(content);
  });
});

describe("the examples of the reference page", () => {
  test("are found", () => {
    expect(examples.length).toBeGreaterThanOrEqual(5);
  });

  test.each(examples)("parses: %s", (text) => {
    const file = text.startsWith("version:") ? ".shipinator.yaml" : "waybill.yaml";
    expect(parsePipeline(text, { file, missingInputs: "sampled", now: 0 }).errors).toEqual([]);
  });
});

/** Pipelines in Waybill's own format among the projects that are shipped as examples. */
const projects = readdirSync(join(root, "examples"), { recursive: true, encoding: "utf8" }).filter(
  (path) => !path.includes("node_modules") && /(^|\/)(waybill\.yaml|\w+_pipeline\.yml)$/.test(path),
);

describe("the published JSON Schema", () => {
  test.each(projects)("accepts examples/%s", (path) => {
    validate(parse(readFileSync(join(root, "examples", path), "utf8"), { merge: true }));
    expect(validate.errors).toBeNull();
  });

  test.each(examples.filter((text) => !text.startsWith("version:")))("accepts: %s", (text) => {
    validate(parse(text, { merge: true }));
    expect(validate.errors).toBeNull();
  });

  test.each([
    ["an unknown key", "name: a\njobs: {b: {steps: [{name: c, script: [d]}], nope: 1}}"],
    ["a missing field", "name: a"],
    ["no jobs", "name: a\njobs: {}"],
    ["a step without work", "name: a\njobs: {b: {steps: [{name: c}]}}"],
    ["script and action", "name: a\njobs: {b: {steps: [{name: c, script: [d], action: e}]}}"],
    ["two conditions", "name: a\njobs: {b: {if: x, when: y, steps: [{name: c, script: [d]}]}}"],
    ["a bad job name", "name: a\njobs: {2: {steps: [{name: c, script: [d]}]}}"],
    ["a reserved job name", "name: a\njobs: {env: {steps: [{name: c, script: [d]}]}}"],
    ["a timeout out of range", "name: a\njobs: {b: {timeout: 3601, steps: [{name: c, script: [d]}]}}"],
    ["a single text as script", "name: a\njobs: {b: {steps: [{name: c, script: d}]}}"],
  ])("refuses %s, as the parser does", (_, text) => {
    expect(validate(parse(text))).toBe(false);
    expect(parsePipeline(text, { now: 0 }).definition).toBeNull();
  });

  test("accepts free keys and references in typed fields", () => {
    const text = "name: a\nx-y: 1\n.z: 2\njobs: {b: {timeout: '${T}', steps: [{name: c, script: [true, 1]}]}}";
    expect(validate(parse(text))).toBe(true);
  });
});

describe("help links", () => {
  const folder = join(root, "docs/reference");
  const pages = new Set(readdirSync(folder).filter((name) => name.endsWith(".md")));
  const links = [...new Set(Object.values(errorRegistry).map((definition): string => definition.help))];

  test.each(links.filter((link) => pages.has(link.split("#")[0] ?? "")))("%s leads somewhere", (link) => {
    const [name = "", anchor = ""] = link.split("#");
    expect(existsSync(join(folder, name))).toBe(true);
    expect(anchorsOf(readFileSync(join(folder, name), "utf8"))).toContain(anchor);
  });
});

/** As Markdown renderers make them from headings, and the explicit ones. */
function anchorsOf(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map((match) => match[1] ?? "")];
}
