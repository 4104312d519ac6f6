import { isErrorCode, WaybillError } from "@waybill/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDeferred, type Text } from "../model/definition.ts";
import { completeText } from "./complete-text.ts";
import { evaluateCondition } from "./condition.ts";
import { scanText } from "./lexer.ts";
import { parseText } from "./parser.ts";
import { escapeLiteral, escapeNested, escapeReplacement, quoteTemplate, unquoteTemplate } from "./print.ts";
import { resolveDraft } from "./testing.ts";

const pieces = [
  ...["${", "}", "${{", "}}", "$${", "$", "{", "\\", ":-", ":+", "/", "'", '"', ".", "-", " ", "\n", "x", "+", "=="],
  ...["A", "B", "WORKSPACE", "WAYBILL_JOB", "NOPE", "env", "env.A", "${A}", "${WORKSPACE}", "${A:-", "${WORKSPACE/"],
  ...["${WORKSPACE:-", "${WORKSPACE:+", "${NOPE:-", "${{ env.A", "${{ WORKSPACE + '", "${{ '$' }}", "1", "é", "💥"],
];
const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 25 }).map((parts) => parts.join(""));
const anyText = fc.oneof(soup, fc.string({ unit: "binary", maxLength: 80 }));

/** Text that mostly parses, with references inside references. */
const { template } = fc.letrec<{ template: string; part: string }>((tie) => ({
  template: fc.array(tie("part"), { maxLength: 4 }).map((parts) => parts.join("")),
  part: fc.oneof(
    { maxDepth: 4, depthIdentifier: "template" },
    fc.constantFrom("a", "$", "/", "\\\\", "$${", "x}", "${WORKSPACE}", "${A}", "${B}", "${WAYBILL_JOB}", "${C}"),
    fc
      .tuple(
        fc.constantFrom("A", "B", "C", "NOPE", "WORKSPACE", "WAYBILL_JOB"),
        fc.constantFrom(":-", ":+"),
        tie("template"),
      )
      .map(([name, form, text]) => `\${${name}${form}${text}}`),
    fc
      .tuple(
        fc.constantFrom("A", "B", "C", "WORKSPACE"),
        fc.constantFrom("a", "\\/", "$", "\\}"),
        fc.constantFrom("", "b", "$"),
      )
      .map(([name, pattern, replacement]) => `\${${name}/${pattern}/${replacement}}`),
    fc
      .tuple(fc.constantFrom("env.A + '", "WORKSPACE + '", "B == '", "env.C + '"), fc.constantFrom("", "a", "\\$"))
      .map(([start, text]) => `\${{ ${start}${text}' }}`),
    tie("template").map((text) => `\${{ \${NOPE:-${text}} + '$' }}`),
  ),
}));

describe("any text", () => {
  it("is resolved to text or to coded problems inside the text, and never throws", () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (text, a, condition) => {
        const { errors, definition } = resolveDraft({
          name: text,
          globalEnv: { B: text },
          timeout: text,
          jobs: { build: { environment: { A: a }, condition, timeout: a, steps: [{ script: [text], image: text }] } },
        });
        for (const { code, line, column, length, sourceLine } of errors) {
          expect(isErrorCode(code)).toBe(true);
          expect(line).toBeGreaterThan(0);
          expect(column - 1 + length).toBeLessThanOrEqual(Math.max(sourceLine.length, column));
        }
        expect(definition.jobs.get("build")?.steps[0]?.script).toHaveLength(1);
      }),
      { numRuns: 1000 },
    );
  });

  it("is completed to text or to a coded error, also where nobody made it", () => {
    const context = { jobs: new Map(), runtime: { WORKSPACE: "/w" }, secrets: {} };
    fc.assert(
      fc.property(anyText, (deferred) => {
        for (const act of [
          () => completeText({ deferred }, context),
          () => evaluateCondition(deferred, { ...context, environment: { A: "1" }, parameters: {}, system: {} }),
        ]) {
          try {
            expect(["string", "boolean"]).toContain(typeof act());
          } catch (error) {
            expect(error).toBeInstanceOf(WaybillError);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("is the same when its tokens are put together again", () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom("none", "braces"), (text, escapes) => {
        const tokens = scanText(text, escapes);
        expect(tokens.map((token) => token.source).join("")).toBe(text);
        expect(tokens.every((token) => text.startsWith(token.source, token.start))).toBe(true);
      }),
    );
  });

  it("is kept by every way to write it literally", () => {
    function resolved(text: string): Text | undefined {
      const { definition } = resolveDraft({ globalEnv: { S: "#" }, jobs: { build: { steps: [{ script: [text] }] } } });
      return definition.jobs.get("build")?.steps[0]?.script[0];
    }
    fc.assert(
      fc.property(anyText, (text) => {
        expect(resolved(escapeLiteral(text))).toBe(text);
        expect(resolved(`\${NOPE:-${escapeNested(text)}}`)).toBe(text);
        expect(unquoteTemplate(`${quoteTemplate(text)}/x/y`)).toEqual({
          template: text,
          length: quoteTemplate(text).length,
        });
        if (!text.includes("${")) expect(resolved(`\${S/#/${escapeReplacement(text)}}`)).toBe(text);
      }),
    );
  });
});

describe("text completed during the run", () => {
  it("is what it would have been had everything been known before", () => {
    const value = fc.oneof(fc.constantFrom("", "a", "/w", "$", "{", "}", "${A}", "\\"), fc.string({ maxLength: 5 }));
    fc.assert(
      fc.property(template, template, template, value, value, (text, b, c, workspace, job) => {
        const draft = {
          globalEnv: { A: "a/}$" },
          jobs: { build: { environment: { B: b }, steps: [{ environment: { C: c }, script: [text] }] } },
        };
        const runtime = { WORKSPACE: workspace, WAYBILL_JOB: job };
        const later = resolveDraft(draft);
        const atOnce = resolveDraft(draft, { parameters: runtime });
        fc.pre(later.errors.length === 0 && atOnce.errors.length === 0);
        const script = later.definition.jobs.get("build")?.steps[0]?.script[0] ?? "";
        const completed = completeText(script, { jobs: new Map(), runtime, secrets: {} });
        expect(completed).toBe(atOnce.definition.jobs.get("build")?.steps[0]?.script[0]);
      }),
      { numRuns: 1000 },
    );
  });

  it("parses without a problem, whatever was left for the run", () => {
    fc.assert(
      fc.property(template, template, (text, b) => {
        const { definition, errors } = resolveDraft({
          jobs: { build: { environment: { A: "$", B: b, C: "{" }, steps: [{ script: [text] }] } },
        });
        fc.pre(errors.length === 0);
        const script = definition.jobs.get("build")?.steps[0]?.script[0] ?? "";
        if (isDeferred(script)) expect(parseText(script.deferred, "deferred").problems).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("nesting", () => {
  it.each(["${A:-", "${{ ${A:-", "${", "${{", '${{ "', "${A:-{", "${A/"])(
    "of %s, however deep, is one problem",
    (open) => {
      const { errors } = resolveDraft({ jobs: { build: { steps: [{ script: [open.repeat(50_000)] }] } } });
      expect(errors).toHaveLength(1);
    },
  );

  it.each([
    ["${A:-", "}"],
    ["${{ ${A:-", "} }}"],
  ])("of %s … %s is bounded", (open, close) => {
    const text = open.repeat(20_000) + close.repeat(20_000);
    const [error] = resolveDraft({ jobs: { build: { steps: [{ script: [text] }] } } }).errors;
    expect(["VARIABLE_NESTING_TOO_DEEP", "EXPRESSION_LIMIT"]).toContain(error?.code);
  });
});
