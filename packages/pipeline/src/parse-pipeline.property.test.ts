import { errorRegistry } from "@waybill/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderDiagnostic } from "./diagnostics/render.ts";
import type { ParseResult } from "./parse-pipeline.ts";
import { parse } from "./testing.ts";

const VALID = `name: demo
timeout: 600
retry_policy: { max_attempts: 2 }
global_env: { A: 1, B: "\${A}" }
x-step: &step
  image: node:24
  script: ["npm ci", npm test]
jobs:
  build:
    artifacts: { app: [build/app], log: out.log }
    steps:
      - <<: *step
        name: compile
        environment: { DEBUG: true }
      - name: text
        script:
          - |
            for x in 1 2; do
              echo "$x"
            done
  test:
    depends_on: [build]
    if: "true"
    steps:
      - { name: unit, script: ['make test'], timeout: 5, continue_on_failure: true }
`;

/** What must hold for any text at all. */
function expectSound(result: ParseResult, text: string): void {
  expect(result.definition === null).toBe(result.errorCount > 0);
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  for (const problem of [...result.errors, ...result.warnings]) {
    expect(Object.keys(errorRegistry)).toContain(problem.code);
    expect(problem.message).not.toMatch(/\[object /);
    expect(problem.line).toBeLessThanOrEqual(lines.length);
    if (problem.line > 0) {
      expect(problem.sourceLine).toBe(lines[problem.line - 1]);
      expect(problem.column).toBeGreaterThanOrEqual(1);
      expect(problem.column).toBeLessThanOrEqual(problem.sourceLine.length + 1);
    }
    expect(renderDiagnostic(problem, { colour: false })).not.toMatch(/(?!\n)\p{Cc}/u);
  }
}

const check = (text: string): void => expectSound(parse(text), text);

const yamlWords = fc.constantFrom(
  ...[
    "name",
    "jobs",
    "steps",
    "script",
    "build",
    "timeout",
    "depends_on",
    "environment",
    "<<",
    "x-a",
    "${A}",
    "$${",
    "${{ 1 }}",
  ],
  ...[
    ":",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    ", ",
    "\n",
    "\n  ",
    "\n    ",
    "\n      ",
    "\t",
    "#",
    " # ",
    "|",
    "|\n",
    ">-\n",
  ],
  ...[
    "&a ",
    "*a",
    "'",
    '"',
    "\\",
    "!",
    "!!str ",
    "%",
    "@",
    "`",
    "? ",
    "---\n",
    "...\n",
    "~",
    "null",
    "true",
    "1.10",
    "0x10",
    "é",
    "🚚",
  ],
);

describe("any text gives a definition or coded errors", () => {
  test("random unicode", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), check), { numRuns: 500 });
  });

  test("random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const result = parse(bytes);
        expect(result.definition === null).toBe(result.errorCount > 0);
      }),
      { numRuns: 300 },
    );
  });

  test("random words and signs of YAML", () => {
    const text = fc.array(yamlWords, { maxLength: 60 }).map((words) => words.join(""));
    fc.assert(fc.property(text, check), { numRuns: 1500 });
  });

  test("a valid file with a stretch replaced", () => {
    const position = fc.nat({ max: VALID.length });
    const edit = fc.tuple(position, fc.nat({ max: 12 }), fc.oneof(yamlWords, fc.string({ maxLength: 4 })));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        check(edits.reduce((text, [at, length, words]) => text.slice(0, at) + words + text.slice(at + length), VALID));
      }),
      { numRuns: 1000 },
    );
  });

  test("wrong types everywhere", () => {
    const leaf = fc.oneof(fc.string({ maxLength: 8 }), fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
    const keys = fc.constantFrom(
      ...[
        "name",
        "jobs",
        "steps",
        "script",
        "action",
        "image",
        "environment",
        "artifacts",
        "depends_on",
        "timeout",
        "when",
      ],
      ...[
        "if",
        "retry_count",
        "retry",
        "max",
        "backoff",
        "retry_policy",
        "max_attempts",
        "triggers",
        ...["schedule", "inputs", "concurrency", "event", "paths", "cron", "group", "options", "default", "type"],
        "global_env",
        "build",
        "__proto__",
        "constructor",
        "x",
      ],
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "medium", withCrossShrink: true },
        leaf,
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.array(fc.tuple(keys, tie("tree")), { maxLength: 6 }).map((pairs) => Object.fromEntries(pairs)),
      ),
    }));
    const document = fc
      .record({
        name: tree,
        jobs: fc.dictionary(fc.constantFrom("a", "b"), fc.record({ steps: tree, x: tree }, { requiredKeys: [] })),
      })
      .map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(
        fc.oneof(
          document,
          tree.map((value) => JSON.stringify(value) ?? ""),
        ),
        check,
      ),
      { numRuns: 1000 },
    );
  });

  test("the file the mutations start from is valid", () => {
    expect(parse(VALID).errors).toEqual([]);
  });
});
