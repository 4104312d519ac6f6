import { describe, expect, test } from "vitest";
import { errorPlaces, jobWith, parse, stepWith } from "../../testing.ts";

describe("schema", () => {
  test("accepts every field in one file", () => {
    const result = parse(`
name: everything
x-anything: [1, 2]
.hidden: {a: 1}
timeout: 604800
retry_policy: {max_attempts: 6}
global_env: {A: text}
artifacts: {logs: logs/}
triggers: [{event: push}]
jobs:
  build:
    name: build
    conditional: "true"
    timeout: 3600
    retry_count: 5
    environment: {B: 1}
    artifacts: {app: [build/app, "dist/**"]}
    steps:
      - name: compile
        script: [make]
        image: registry.example.com:5000/team/tool:1.2
        environment: {C: true}
        working_directory: src
        timeout: 1800
        retry_count: 3
        continue_on_failure: true
  test:
    depends_on: [build]
    steps: [{name: test, script: [make test]}]
`);
    expect(result.errors).toEqual([]);
    expect(result.definition?.jobs.size).toBe(2);
  });

  test("names a missing root field with what belongs there", () => {
    const result = parse("name: demo\n");
    expect(errorPlaces(result)).toEqual(["PIPELINE_MISSING_FIELD 1:1"]);
    expect(result.errors[0]).toMatchObject({
      path: "jobs",
      message: 'Missing required field "jobs"',
      suggestion: 'Add "jobs": a map of job names and jobs.',
    });
  });

  test("reports a job without steps with its field path", () => {
    const result = parse("name: demo\njobs:\n  build:\n    timeout: 5\n");
    expect(result.errors).toMatchObject([{ code: "PIPELINE_MISSING_FIELD", path: "jobs.build.steps", line: 3 }]);
  });

  test("suggests a script for a step without one", () => {
    const result = parse(jobWith("steps:", "  - name: compile"));
    expect(result.errors).toMatchObject([
      {
        message: 'Missing required field "script"',
        path: "jobs.build.steps[0].script",
        context: 'In job "build", step "compile"',
        suggestion: expect.stringContaining("script: [\"echo 'hello'\"]"),
        help: "pipeline-syntax.md#step-definitions",
      },
    ]);
  });

  test.each([
    ["a list", "- a\n"],
    ["a text", "just words\n"],
    ["a number", "42\n"],
  ])("refuses a file that is %s", (_, text) => {
    expect(errorPlaces(parse(text))).toEqual(["PIPELINE_NOT_A_MAP 1:1"]);
  });

  test.each([
    ["empty map", "name: demo\njobs: {}\n"],
    ["nothing", "name: demo\njobs:\n"],
  ])("refuses jobs that are an %s", (_, text) => {
    expect(errorPlaces(parse(text))).toEqual(["PIPELINE_WITHOUT_JOBS 2:1"]);
  });

  test.each([
    ["steps: []", "PIPELINE_JOB_WITHOUT_STEPS"],
    ["steps:", "PIPELINE_JOB_WITHOUT_STEPS"],
    ["steps: [compile]", "PIPELINE_WRONG_TYPE"],
    ["steps: {name: compile}", "PIPELINE_WRONG_TYPE"],
    ["steps: compile", "PIPELINE_LIST_EXPECTED"],
  ])("refuses %s", (line, code) => {
    expect(parse(jobWith(line)).errors.map((error) => error.code)).toEqual([code]);
  });

  test("refuses an empty or blank name of the pipeline", () => {
    expect(parse(jobWith().replace("demo", "'  '")).errors.map((error) => error.code)).toEqual(["PIPELINE_NAME_EMPTY"]);
    expect(parse(jobWith().replace("demo", "")).errors.map((error) => error.code)).toEqual(["PIPELINE_NAME_EMPTY"]);
  });

  test("asks to quote a name that YAML reads as a number", () => {
    const result = parse(jobWith().replace("demo", "1.10"));
    expect(result.errors).toMatchObject([{ code: "PIPELINE_WRONG_TYPE", suggestion: 'Put it in quotes: "1.10".' }]);
  });

  test("shows the list form for a script that is a single text", () => {
    const [error] = parse(stepWith("script: npm test")).errors;
    expect(error).toMatchObject({
      code: "PIPELINE_LIST_EXPECTED",
      suggestion: "Write it as a list: script: ['npm test'].",
    });
  });

  test("shows the list form for a single dependency", () => {
    const [error] = parse(jobWith("depends_on: other")).errors;
    expect(error).toMatchObject({
      code: "PIPELINE_LIST_EXPECTED",
      suggestion: "Write it as a list: depends_on: ['other'].",
    });
  });

  test("explains a command that YAML takes for a map because of its colon", () => {
    const [error] = parse(stepWith("script:", "  - echo done: yes")).errors;
    expect(error?.suggestion).toContain("'echo done: yes'");
    expect(error?.path).toBe("jobs.build.steps[0].script[0]");
  });

  test("runs a command that YAML reads as a truth value or number by its characters", () => {
    const result = parse(stepWith("script: [true, 1.10]"));
    expect(result.definition?.jobs.get("build")?.steps[0]?.script).toEqual(["true", "1.10"]);
  });

  test("keeps the source text of environment values", () => {
    const result = parse(
      jobWith("environment: {DEBUG: true, VERSION: 1.10, HEX: 0x10, BIG: 12345678901234567890, X: .inf}"),
    );
    expect(result.definition?.jobs.get("build")?.environment).toEqual({
      DEBUG: "true",
      VERSION: "1.10",
      HEX: "0x10",
      BIG: "12345678901234567890",
      X: ".inf",
    });
  });

  test.each([
    ["nothing", "environment: {A: }", "3:20"],
    ["a list", "environment: {A: [1]}", "3:19"],
    ["a map", "environment: {A: {b: 1}}", "3:19"],
  ])("refuses %s as an environment value, at its place", (_, line) => {
    const result = parse(jobWith(line));
    expect(result.errors).toMatchObject([{ code: "PIPELINE_WRONG_TYPE", path: "jobs.build.environment.A", line: 4 }]);
  });

  test.each(["MY VAR", "A=B", "1ST", "", "__proto__", "ünï"])("refuses %j as the name of a variable", (name) => {
    const result = parse(jobWith(`environment: {${JSON.stringify(name)}: x}`));
    expect(result.errors.map((error) => error.code)).toEqual(["PIPELINE_ENVIRONMENT_NAME_INVALID"]);
  });

  test.each(["A", "_a1", "build.number", "with-dash"])("accepts %j as the name of a variable", (name) => {
    expect(parse(jobWith(`environment: {${name}: x}`)).errors).toEqual([]);
  });

  test.each([
    ["step timeout", stepWith("timeout: 1801"), "from 1 to 1800"],
    ["step timeout", stepWith("timeout: 0"), "from 1 to 1800"],
    ["step retries", stepWith("retry_count: 4"), "from 0 to 3"],
    ["step retries", stepWith("retry_count: -1"), "from 0 to 3"],
    ["job timeout", jobWith("timeout: 3601"), "from 1 to 3600"],
    ["job retries", jobWith("retry_count: 6"), "from 0 to 5"],
    ["pipeline timeout", `timeout: 604801\n${jobWith()}`, "from 1 to 604800"],
    ["attempts", `retry_policy: {max_attempts: 7}\n${jobWith()}`, "from 1 to 6"],
  ])("states the range of a %s", (_, text, range) => {
    const result = parse(text);
    expect(result.errors.map((error) => error.code)).toEqual(["PIPELINE_OUT_OF_RANGE"]);
    expect(result.errors[0]?.message).toContain(range);
  });

  test.each([
    ["1.5", null],
    ["'300'", "Write it without quotes: timeout: 300."],
    ["5m", "Write it in seconds: timeout: 300. It must be a whole number from 1 to 3600."],
    ["1 hour", "Write it in seconds: timeout: 3600. It must be a whole number from 1 to 3600."],
    ["soon", null],
    [".nan", null],
    ["[1]", null],
    ["true", null],
  ])("refuses timeout: %s with a correction", (value, suggestion) => {
    const [error, ...others] = parse(jobWith(`timeout: ${value}`)).errors;
    expect(others).toEqual([]);
    expect(error?.code).toMatch(/^PIPELINE_(WRONG_TYPE|OUT_OF_RANGE)$/);
    if (suggestion !== null) expect(error?.suggestion).toBe(suggestion);
  });

  test("keeps a reference in a typed field for later", () => {
    const { template } = parse(stepWith("timeout: ${T}", "continue_on_failure: ${C}", "retry_count: ${R}"));
    const step = template?.jobs.get("build")?.steps[0];
    expect([step?.timeout?.value, step?.continueOnFailure?.value, step?.retryCount?.value]).toEqual([
      "${T}",
      "${C}",
      "${R}",
    ]);
  });

  test("tells yes from true", () => {
    const [error] = parse(stepWith("continue_on_failure: yes")).errors;
    expect(error).toMatchObject({
      code: "PIPELINE_WRONG_TYPE",
      suggestion: "Write it without quotes: continue_on_failure: true.",
    });
  });

  test.each([
    ["scirpt", "script", stepWith("scirpt: [x]")],
    ["run", "script", stepWith("run: x")],
    ["env", "environment", jobWith("env: {}")],
    ["needs", "depends_on", jobWith("needs: []")],
    ["dependson", "depends_on", jobWith("dependson: []")],
    ["jbos", "jobs", `jbos: {}\n${jobWith()}`],
    ["max_attempt", "max_attempts", `retry_policy: {max_attempt: 1}\n${jobWith()}`],
  ])("suggests for the unknown key %s the key %s", (key, known, text) => {
    const result = parse(text);
    expect(result.errors.map((error) => error.code)).toEqual(["PIPELINE_UNKNOWN_KEY"]);
    expect(result.errors[0]?.message).toContain(`"${key}"`);
    expect(result.errors[0]?.suggestion).toContain(`Did you mean "${known}"`);
  });

  test("lists the known keys where none is close", () => {
    expect(parse(stepWith("qqqqqqqq: 1")).errors[0]?.suggestion).toContain("working_directory");
  });

  test.each([
    ...["services", "matrix", "cache", "outputs", "inputs", "include", "concurrency", "deployments"].map(
      (key) => [key, jobWith(`${key}: {}`)] as const,
    ),
    ["deployments", `deployments: {}\n${jobWith()}`] as const,
    ["include", `include: []\n${jobWith()}`] as const,
    ["outputs", stepWith("outputs: []")] as const,
    ["when", jobWith("when: {event: push}")] as const,
  ])("says that %s is not supported yet", (_, text) => {
    expect(parse(text).errors.map((error) => error.code)).toEqual(["PIPELINE_NOT_SUPPORTED_YET"]);
  });

  test("reads where a job runs", () => {
    const { template, errors } = parse(
      jobWith(
        "resources: { memory: 1.5g, cpus: 0.5, pids: 100 }",
        "isolation: { user: root, root_filesystem: read_only, network: none }",
        "pull_policy: never",
      ),
    );
    expect(errors).toEqual([]);
    expect(template?.jobs.get("build")?.place).toEqual({
      resources: { memory: 1.5 * 1024 ** 3, cpus: 0.5, pids: 100 },
      isolation: { user: "root", rootFilesystem: "read_only", network: "none" },
      pullPolicy: "never",
    });
  });

  test.each([
    ["resources: { memory: 5m }", "must be an amount of memory from 6m, such as 512m or 2g"],
    ["resources: { memory: 512 }", "must be an amount of memory from 6m, such as 512m or 2g"],
    ["resources: { cpus: 0 }", "must be a number of processors from 0.01 to 1024"],
    ["resources: { pids: 1.5 }", "must be a whole number from 1 to 4194304"],
    ["isolation: { user: admin }", "must be default or root"],
    ["pull_policy: sometimes", "must be missing, always or never"],
  ])("refuses %s", (line, message) => {
    const messages = parse(jobWith(line)).errors.map((error) => error.message);
    expect(messages).toEqual([expect.stringContaining(message)]);
  });

  test.each(["conditional", "if", "when"])("reads the condition from %s", (key) => {
    const { template, errors } = parse(jobWith(`${key}: "true"`));
    expect(errors).toEqual([]);
    expect(template?.jobs.get("build")?.condition).toMatchObject({ value: "true", path: `jobs.build.${key}` });
  });

  test("reads a bare truth value as a condition", () => {
    expect(parse(jobWith("if: false")).template?.jobs.get("build")?.condition?.value).toBe("false");
  });

  test("refuses two conditions at the second", () => {
    expect(errorPlaces(parse(jobWith("if: 'true'", "conditional: 'true'")))).toEqual([
      "PIPELINE_SEVERAL_CONDITIONS 4:5",
    ]);
  });

  test.each(["2nd", "-a", "_a", "a b", "a.b", "größe", `a${"b".repeat(50)}`])("refuses the job name %j", (name) => {
    const text = jobWith().replace("  build:", `  ${JSON.stringify(name)}:`);
    expect(parse(text).errors.map((error) => error.code)).toEqual(["PIPELINE_JOB_NAME_INVALID"]);
  });

  test.each(["a", "job_a", "Build-2", `a${"b".repeat(49)}`])("accepts the job name %j", (name) => {
    expect(parse(jobWith().replace("  build:", `  ${name}:`)).errors).toEqual([]);
  });

  test.each([
    ...["env", "secrets", "matrix", "job", "jobs", "pipeline", "global_env", "steps", "true", "false", "null"],
  ])("reserves the job name %s", (name) => {
    const text = jobWith().replace("  build:", `  "${name}":`);
    expect(parse(text).errors.map((error) => error.code)).toEqual(["PIPELINE_JOB_NAME_RESERVED"]);
  });

  test("demands that a job's name equals its key", () => {
    expect(parse(jobWith("name: build")).errors).toEqual([]);
    expect(errorPlaces(parse(jobWith("name: compile")))).toEqual(["PIPELINE_JOB_NAME_MISMATCH 4:11"]);
  });

  describe("deploys_to", () => {
    const deploysTo = (text: string): string | null | undefined =>
      parse(jobWith(`deploys_to: ${text}`)).definition?.jobs.get("build")?.deploysTo;

    test.each(["production", "eu-west.1", "9", `a${"b".repeat(63)}`])("names the environment %s", (name) => {
      expect(deploysTo(JSON.stringify(name))).toBe(name);
    });

    test("is none where nothing is said", () => {
      expect(parse(jobWith()).definition?.jobs.get("build")?.deploysTo).toBeNull();
    });

    test.each(["the moon", "-x", "review/1", `a${"b".repeat(64)}`])("refuses %s", (name) => {
      expect(parse(jobWith(`deploys_to: ${name}`)).errors.map(({ code }) => code)).toEqual([
        "PIPELINE_DEPLOYS_TO_INVALID",
      ]);
    });

    test("may come from a variable that is known before the run, and is checked then", () => {
      const text = jobWith("environment: {TARGET: staging}", "deploys_to: '${TARGET}'");
      expect(parse(text).definition?.jobs.get("build")?.deploysTo).toBe("staging");
      const bad = parse(text.replace("staging", "a b"));
      expect(bad.errors.map(({ code }) => code)).toEqual(["PIPELINE_DEPLOYS_TO_INVALID"]);
      const late = parse(jobWith("deploys_to: '${WAYBILL_RUN_NUMBER}'"));
      expect(late.errors.map(({ code }) => code)).toEqual(["VARIABLE_NOT_YET_KNOWN"]);
    });

    test.each([
      ["environment: production", "PIPELINE_WRONG_TYPE", "deploys_to: NAME"],
      ["environment_name: production", "PIPELINE_UNKNOWN_KEY", '"deploys_to"'],
      ["deploy_to: production", "PIPELINE_UNKNOWN_KEY", '"deploys_to"'],
    ])("is what is suggested for `%s`", (line, code, suggestion) => {
      const [error] = parse(jobWith(line)).errors;
      expect(error?.code).toBe(code);
      expect(error?.suggestion).toContain(suggestion);
    });
  });

  test("demands step names of their own in each job", () => {
    const steps = ["steps:", "  - {name: a, script: [x]}", "  - {name: a, script: [y]}"];
    const result = parse(jobWith(...steps));
    expect(errorPlaces(result)).toEqual(["PIPELINE_STEP_NAME_DUPLICATE 6:16"]);
    expect(result.errors[0]?.message).toContain("line 5");
  });

  test("reports duplicate job names with both places, all of them", () => {
    const steps = "{steps: [{name: a, script: [make]}]}";
    const result = parse(`name: demo\njobs:\n  a: ${steps}\n  b: ${steps}\n  a: ${steps}\n  b: ${steps}\n`);
    expect(errorPlaces(result)).toEqual(["YAML_DUPLICATE_KEY 5:3", "YAML_DUPLICATE_KEY 6:3"]);
  });

  test("refuses a step with both script and action", () => {
    const result = parse(stepWith("script: [make]", "action: checkout"));
    expect(result.errors.map((error) => error.code)).toEqual(["PIPELINE_STEP_SCRIPT_AND_ACTION"]);
  });

  test("lists the known actions for an unknown one", () => {
    const result = parse(stepWith("action: checkout"));
    expect(result.errors.map((error) => error.code)).toEqual(["PIPELINE_UNKNOWN_ACTION"]);
    expect(result.errors[0]?.message).toContain("none yet");
  });

  test.each([
    ["artifacts: {app: build/app}", { app: { paths: ["build/app"], optional: false } }],
    ["artifacts: {app: [a, b/]}", { app: { paths: ["a", "b/"], optional: false } }],
    ["artifacts: {app: {paths: a}}", { app: { paths: ["a"], optional: false } }],
    ["artifacts: {app: {paths: [a, b], optional: true}}", { app: { paths: ["a", "b"], optional: true } }],
  ])("reads %s", (line, artifacts) => {
    expect(parse(jobWith(line)).definition?.jobs.get("build")?.artifacts).toEqual(artifacts);
  });

  test.each([
    ["artifacts: {app: }", "PIPELINE_WRONG_TYPE"],
    ["artifacts: {app: []}", "PIPELINE_WRONG_TYPE"],
    ["artifacts: {app: ['']}", "PIPELINE_EMPTY_TEXT"],
    ["artifacts: {app: {optional: true}}", "PIPELINE_MISSING_FIELD"],
    ["artifacts: {app: {paths: []}}", "PIPELINE_WRONG_TYPE"],
    ["artifacts: {app: {paths: x, optional: perhaps}}", "PIPELINE_WRONG_TYPE"],
    ["artifacts: {app: {paths: ../x}}", "PIPELINE_ARTIFACT_PATH_OUTSIDE"],
    ["artifacts: [app]", "PIPELINE_WRONG_TYPE"],
    ["artifacts: {a/b: x}", "PIPELINE_ARTIFACT_NAME_INVALID"],
    ["artifacts: {app: ../x}", "PIPELINE_ARTIFACT_PATH_OUTSIDE"],
    ["artifacts: {app: [ok, 'a/../../x']}", "PIPELINE_ARTIFACT_PATH_OUTSIDE"],
    ["artifacts: {app: '\\\\server\\x'}", "PIPELINE_ARTIFACT_PATH_OUTSIDE"],
  ])("refuses %s", (line, code) => {
    expect(parse(jobWith(line)).errors.map((error) => error.code)).toEqual([code]);
  });

  test("tells a dot dot in a file's name from a way out", () => {
    expect(parse(jobWith("artifacts: {app: 'a..b/..c'}")).errors).toEqual([]);
  });

  test("does not hide problems of other jobs behind one job's", () => {
    const result = parse(`name: demo
jobs:
  a: [not, a, map]
  b:
    depends_on: [a, nowhere]
    steps: [{name: x, script: make}]
  c:
    steps: [{name: y, script: [make], image: "BAD IMAGE"}]
`);
    expect(errorPlaces(result)).toEqual([
      ...["PIPELINE_WRONG_TYPE 3:3", "GRAPH_UNKNOWN_DEPENDENCY 5:21", "PIPELINE_LIST_EXPECTED 6:31"],
      "PIPELINE_IMAGE_INVALID 8:46",
    ]);
  });

  test("reports a value shared by an alias at the place where it is written", () => {
    const result = parse(
      `name: demo\nx: &t soon\n${jobWith("timeout: 1").split("\n").slice(1).join("\n")}`
        .replace("x:", "x-t:")
        .replace("timeout: 1", "timeout: *t"),
    );
    expect(errorPlaces(result)).toEqual(["PIPELINE_WRONG_TYPE 2:9"]);
  });
});
