import { describe, expect, test } from "vitest";
import { DiagnosticCollector } from "../diagnostics/diagnostic.ts";
import { SourceText } from "../diagnostics/source-text.ts";
import type { Span } from "../diagnostics/span.ts";
import { DEFAULT_PLACE } from "../model/job-place.ts";
import type { JobTemplate, Located, PipelineTemplate } from "../model/template.ts";
import { checkDependencies } from "./check-dependencies.ts";

interface Checked {
  readonly dependsOn: Record<string, readonly string[]>;
  readonly collector: DiagnosticCollector;
}

/**
 * Checks a file of one line a job, `name[timeout]: dependency dependency`, so that every problem has a real place.
 * A first line `timeout: n` is the pipeline's own.
 */
function check(text: string, unreadable: readonly string[] = []): Checked {
  const source = new SourceText(text.trim().replaceAll(/^ +/gm, ""), "waybill.yaml");
  const collector = new DiagnosticCollector(source);
  const template = templateOf(source.text);
  const dependsOn = checkDependencies(template, collector, new Set(unreadable));
  return { dependsOn: Object.fromEntries(dependsOn), collector };
}

function templateOf(text: string): PipelineTemplate {
  const jobs = new Map<string, JobTemplate>();
  let timeout: Located<number | string> | null = null;
  for (const line of text.matchAll(/^([\w-]+)(?:\[(.*?)\])?:(.*)$/gm)) {
    const [whole, name = "", jobTimeout, rest = ""] = line;
    const offset = line.index + whole.length - rest.length;
    if (name === "timeout") {
      timeout = located(numberIfOne(rest.trim()), "timeout", offset + 1, rest.length - 1);
      continue;
    }
    const path = `jobs.${name}`;
    jobs.set(name, {
      name,
      span: { start: line.index, end: line.index + name.length },
      path,
      steps: [],
      dependsOn: [...rest.matchAll(/\S+/g)].map((word, at) =>
        located(word[0], `${path}.depends_on[${at}]`, offset + word.index, word[0].length),
      ),
      artifacts: null,
      environment: new Map(),
      timeout: jobTimeout === undefined ? null : located(numberIfOne(jobTimeout), `${path}.timeout`, offset, 1),
      retryCount: null,
      place: DEFAULT_PLACE,
      retry: null,
      condition: null,
      deploysTo: null,
    });
  }
  return {
    name: located("demo", "name", 0, 1),
    globalEnv: new Map(),
    timeout,
    maxAttempts: null,
    artifacts: new Map(),
    triggers: [],
    schedule: [],
    inputs: new Map(),
    concurrency: null,
    jobs,
  };
}

function numberIfOne(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function located<Value>(value: Value, path: string, start: number, length: number): Located<Value> {
  const span: Span = { start, end: start + length };
  return { value, span, path };
}

function codes({ collector }: Checked): string[] {
  return [...collector.errors(), ...collector.warnings()].map(({ code }) => code);
}

describe("checkDependencies", () => {
  test("gives each job's dependencies in the order of the file, and finds nothing wrong with a diamond", () => {
    const checked = check(`
      build:
      lint: build
      unit: build
      deploy: unit lint
    `);
    expect(checked.dependsOn).toEqual({ build: [], lint: ["build"], unit: ["build"], deploy: ["unit", "lint"] });
    expect(codes(checked)).toEqual([]);
  });

  test("an unknown name is an error at its entry, with close names and the jobs there are", () => {
    const { collector, dependsOn } = check(`
      build:
      test: biuld
    `);
    expect(collector.errors()).toEqual([
      expect.objectContaining({
        code: "GRAPH_UNKNOWN_DEPENDENCY",
        message: 'Job "test" depends on "biuld", but there is no job of that name',
        line: 2,
        column: 7,
        length: 5,
        path: "jobs.test.depends_on[0]",
        context: 'In job "test"',
        suggestion: 'Did you mean "build"? Jobs in this pipeline: build, test.',
      }),
    ]);
    expect(dependsOn).toEqual({ build: [], test: [] });
  });

  test("every unknown name is reported, and the good ones are kept", () => {
    const checked = check(`
      build:
      test: nothing build nobody
      deploy: nowhere
    `);
    expect(checked.collector.errorCount).toBe(3);
    expect(checked.dependsOn).toEqual({ build: [], test: ["build"], deploy: [] });
  });

  test("a job is not suggested to itself", () => {
    const { collector } = check("tests: test");
    expect(collector.errors()[0]?.suggestion).toBe("Jobs in this pipeline: tests.");
  });

  test("the jobs there are stay a short list in a big file", () => {
    const jobs = Array.from({ length: 500 }, (_, at) => `job-${at}:`).join("\n");
    const { collector } = check(`${jobs}\nlast: elsewhere`);
    expect(collector.errors()[0]?.suggestion).toMatch(/^Jobs in this pipeline: job-0, .*, job-19 and 481 more\.$/);
  });

  test("depending on a job that could not be read is no second error", () => {
    const checked = check("test: build", ["build"]);
    expect(codes(checked)).toEqual([]);
    expect(checked.dependsOn).toEqual({ test: [] });
  });

  test("a job that could not be read can be what was meant", () => {
    const { collector } = check("test: biuld", ["build"]);
    expect(collector.errors()[0]?.suggestion).toContain('Did you mean "build"?');
  });

  test("a self-dependency is dropped with a warning", () => {
    const checked = check("build: build");
    expect(codes(checked)).toEqual(["GRAPH_SELF_DEPENDENCY"]);
    expect(checked.collector.hasErrors).toBe(false);
    expect(checked.dependsOn).toEqual({ build: [] });
  });

  test("a repeated entry is dropped with a warning at the repetition", () => {
    const checked = check(`
      build:
      test: build build
    `);
    expect(checked.collector.warnings()).toEqual([
      expect.objectContaining({ code: "GRAPH_DUPLICATE_DEPENDENCY", line: 2, column: 13 }),
    ]);
    expect(checked.dependsOn["test"]).toEqual(["build"]);
  });

  test("an unknown name written twice is one error", () => {
    const checked = check("test: nobody nobody");
    expect(codes(checked)).toEqual(["GRAPH_UNKNOWN_DEPENDENCY", "GRAPH_DUPLICATE_DEPENDENCY"]);
  });

  test("a cycle is an error at the entry to remove, with the chain and a way out", () => {
    const { collector } = check(`
      build: lint test
      test: build
      lint:
    `);
    expect(collector.errors()).toEqual([
      expect.objectContaining({
        code: "GRAPH_CYCLE",
        message: "Circular dependency detected: build → test → build",
        line: 1,
        column: 13,
        path: "jobs.build.depends_on[1]",
        suggestion: expect.stringMatching(
          /^Remove dependency: build → test .*split "build" in two jobs.*Jobs involved: build, test\.$/,
        ),
      }),
    ]);
  });

  test("only the shortest of several cycles is reported", () => {
    const { collector } = check(`
      a: b
      b: c
      c: a
      d: e
      e: d
    `);
    expect(collector.errors().map(({ message }) => message)).toEqual(["Circular dependency detected: d → e → d"]);
  });

  test("unknown names and a cycle are reported together", () => {
    const checked = check(`
      a: b
      b: a nobody
    `);
    expect(codes(checked).toSorted()).toEqual(["GRAPH_CYCLE", "GRAPH_UNKNOWN_DEPENDENCY"]);
  });

  test("a dependency that is implied is kept, with a warning that says why it is safe to remove", () => {
    const checked = check(`
      build:
      test: build
      deploy: build test
    `);
    expect(checked.collector.warnings()).toEqual([
      expect.objectContaining({
        code: "GRAPH_REDUNDANT_DEPENDENCY",
        message: 'Job "deploy" need not name "build": it waits for it through "test" already',
        suggestion: 'Remove "build" from depends_on of "deploy"; the jobs run in the same order without it.',
        line: 3,
        column: 9,
      }),
    ]);
    expect(checked.dependsOn["deploy"]).toEqual(["build", "test"]);
  });

  test("hints of a generated file do not bury its errors", () => {
    const jobs = Array.from({ length: 60 }, (_, at) => {
      const earlier = Array.from({ length: at }, (_unused, before) => `job-${before}`);
      return `job-${at}: ${earlier.join(" ")}`;
    });
    expect(check(jobs.join("\n")).collector.warnings()).toHaveLength(20);
  });

  describe("timeouts", () => {
    test("jobs one after the other that may outlast the pipeline are a warning", () => {
      const { collector } = check(`
        timeout: 900
        build[500]:
        lint:
        test[500]: build lint
        other[600]:
      `);
      expect(collector.warnings()).toEqual([
        expect.objectContaining({
          code: "GRAPH_TIMEOUT_TOO_SHORT",
          message:
            "By their own timeouts, the jobs build, test, one after the other, may take 1000 s, but the whole pipeline may take only 900 s",
          line: 1,
          column: 10,
        }),
      ]);
    });

    test.each([
      ["jobs without a timeout of their own", "timeout: 60\nbuild:\ntest: build"],
      ["a pipeline without one", "build[3600]:\ntest[3600]: build\ndeploy[3600]: test"],
      ["timeouts that fit exactly", "timeout: 1000\nbuild[500]:\ntest[500]: build"],
      ["jobs side by side", "timeout: 600\nbuild[500]:\ntest[500]:"],
      ["a timeout known only after substitution", "timeout: 60\nbuild[${LIMIT}]:"],
    ])("nothing is said of %s", (_case, text) => {
      expect(codes(check(text))).toEqual([]);
    });
  });
});
