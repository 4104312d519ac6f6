import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Artifacts, Environment, PipelineDefinition, PipelineJob, PipelineStep, Text } from "./definition.ts";
import { INPUT_TYPES, type PipelineInput } from "./input.ts";
import type { JobPlace } from "./job-place.ts";
import { definitionFromJson, definitionToJson } from "./json.ts";
import { FAILURE_CATEGORIES, plainRetry, type RetryCondition, type RetryRule } from "./retry-rule.ts";
import { anyOf, PULL_REQUEST_ACTIONS, TRIGGER_EVENTS, type TriggerCondition } from "./trigger.ts";

const text: fc.Arbitrary<Text> = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.record({ deferred: fc.string() }, { noNullPrototype: true }),
);
const key = fc.oneof({ arbitrary: fc.string({ unit: "binary" }), weight: 9 }, fc.constantFrom("__proto__", "10", "2"));
const environment: fc.Arbitrary<Environment> = fc.array(fc.tuple(key, text), { maxLength: 4 }).map(Object.fromEntries);
const artifacts: fc.Arbitrary<Artifacts> = fc
  .array(
    fc.tuple(
      key,
      fc.record({ paths: fc.array(text, { maxLength: 3 }), optional: fc.boolean() }, { noNullPrototype: true }),
    ),
    { maxLength: 3 },
  )
  .map(Object.fromEntries);
const seconds = fc.integer({ min: 1, max: 604_800 });

const condition: fc.Arbitrary<RetryCondition> = fc.oneof(
  fc.constantFrom("timeout" as const, ...FAILURE_CATEGORIES),
  fc.tuple(fc.integer({ min: 1, max: 255 }), fc.integer({ min: 1, max: 255 })).map((codes) => ({
    from: Math.min(...codes),
    to: Math.max(...codes),
  })),
);
const retry: fc.Arbitrary<RetryRule> = fc.oneof(
  fc.nat(5).map(plainRetry),
  fc.record(
    {
      max: fc.nat(10),
      when: fc.option(fc.array(condition, { maxLength: 4 })),
      backoff: fc.record(
        {
          delay: fc.nat(3600),
          factor: fc.double({ min: 1, max: 10, noNaN: true }),
          maxDelay: fc.nat(3600),
          jitter: fc.double({ min: 0, max: 1, noNaN: true }),
        },
        { noNullPrototype: true },
      ),
    },
    { noNullPrototype: true },
  ),
);

const step: fc.Arbitrary<PipelineStep> = fc.record(
  {
    name: fc.string(),
    script: fc.array(text, { maxLength: 3 }),
    action: fc.option(fc.string()),
    image: fc.option(text),
    environment,
    timeout: seconds,
    retry,
    workingDirectory: text,
    continueOnFailure: fc.boolean(),
  },
  { noNullPrototype: true },
);

const place: fc.Arbitrary<JobPlace> = fc.record(
  {
    resources: fc.record(
      {
        memory: fc.option(fc.integer({ min: 1 })),
        cpus: fc.option(fc.integer({ min: 1, max: 1024 })),
        pids: fc.option(fc.integer({ min: 1 })),
      },
      { noNullPrototype: true },
    ),
    isolation: fc.record(
      {
        user: fc.constantFrom("default", "root"),
        rootFilesystem: fc.constantFrom("writable", "read_only"),
        network: fc.constantFrom("default", "none"),
      },
      { noNullPrototype: true },
    ),
    pullPolicy: fc.constantFrom("missing", "always", "never"),
  },
  { noNullPrototype: true },
);

const job: fc.Arbitrary<PipelineJob> = fc.record(
  {
    name: fc.string({ unit: "binary" }),
    steps: fc.array(step, { minLength: 1, maxLength: 3 }),
    dependsOn: fc.constant([]),
    artifacts,
    environment,
    timeout: seconds,
    place,
    retry,
    condition: fc.option(fc.string()),
    deploysTo: fc.option(fc.string()),
  },
  { noNullPrototype: true },
);

/** Jobs depend on jobs before and after them in the file, without a cycle: on those of a smaller rank. */
const jobs: fc.Arbitrary<ReadonlyMap<string, PipelineJob>> = fc
  .uniqueArray(fc.tuple(job, fc.integer(), fc.array(fc.nat(5))), {
    selector: ([{ name }]) => name,
    minLength: 1,
    maxLength: 6,
  })
  .map((ranked) => {
    const complete = ranked.map(([mine, rank, wanted]) => {
      const dependsOn = wanted.flatMap((at) => {
        const other = ranked[at];
        return other !== undefined && other[1] < rank ? [other[0].name] : [];
      });
      return [mine.name, { ...mine, dependsOn: [...new Set(dependsOn)] }] as const;
    });
    return new Map(complete);
  });

const patterns = fc.option(fc.array(fc.string(), { maxLength: 2 }));

const trigger: fc.Arbitrary<TriggerCondition> = fc.record(
  {
    events: fc.subarray([...TRIGGER_EVENTS], { minLength: 1 }),
    branches: patterns,
    tags: patterns,
    paths: patterns,
    actions: fc.option(fc.subarray([...PULL_REQUEST_ACTIONS])),
    forks: fc.option(fc.boolean()),
  },
  { noNullPrototype: true },
);

const input: fc.Arbitrary<PipelineInput> = fc.record(
  {
    type: fc.constantFrom(...INPUT_TYPES),
    description: fc.string(),
    required: fc.boolean(),
    default: fc.option(fc.oneof(fc.string(), fc.boolean(), fc.integer())),
    options: fc.array(fc.string(), { maxLength: 2 }),
  },
  { noNullPrototype: true },
);

const definition: fc.Arbitrary<PipelineDefinition> = fc.record(
  {
    name: fc.string(),
    jobs,
    globalEnv: environment,
    timeout: seconds,
    retryPolicy: fc.record({ maxAttempts: fc.integer({ min: 1, max: 6 }) }, { noNullPrototype: true }),
    artifacts,
    triggers: fc.array(trigger, { maxLength: 2 }),
    schedule: fc.array(
      fc.record(
        { cron: fc.string(), timezone: fc.string(), branch: fc.option(fc.string()) },
        { noNullPrototype: true },
      ),
      { maxLength: 2 },
    ),
    inputs: fc.array(fc.tuple(fc.string(), input), { maxLength: 2 }).map((entries) => new Map(entries)),
    concurrency: fc.option(
      fc.record(
        { group: fc.string(), cancelInProgress: fc.oneof(fc.boolean(), fc.string()) },
        { noNullPrototype: true },
      ),
    ),
    createdAt: fc
      .date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true })
      .map((date) => date.toISOString()),
  },
  { noNullPrototype: true },
);

function stored(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const exampleStep = {
  name: "compile",
  script: ["make", { deferred: "echo ${WORKSPACE}" }],
  action: null,
  image: null,
  environment: {},
  timeout: 1800,
  retry_count: 0,
  working_directory: "/workspace",
  continue_on_failure: false,
};

const exampleJob = {
  name: "build",
  depends_on: [] as string[],
  condition: null,
  environment: {},
  artifacts: {},
  timeout: 3600,
  retry_count: 0,
  place: {
    resources: { memory: null, cpus: null, pids: null },
    isolation: { user: "default", root_filesystem: "writable", network: "default" },
    pull_policy: "missing",
  },
  steps: [exampleStep],
};

/** A small definition as it is stored. */
const exampleJson = {
  name: "demo",
  created_at: "2026-03-01T12:00:00.000Z",
  timeout: 7200,
  retry_policy: { max_attempts: 1 },
  global_env: {},
  artifacts: {},
  triggers: [],
  jobs: [exampleJob, { ...exampleJob, name: "test", depends_on: ["build"] }],
};

describe("definition JSON", () => {
  test("any definition survives being stored, to the order of its jobs", () => {
    fc.assert(
      fc.property(definition, (original) => {
        const back = definitionFromJson(stored(definitionToJson(original)));
        expect(back).toEqual(original);
        expect([...back.jobs.keys()]).toEqual([...original.jobs.keys()]);
        expect(JSON.stringify(definitionToJson(back))).toBe(JSON.stringify(definitionToJson(original)));
      }),
    );
  });

  test("uses the names of the pipeline file", () => {
    expect(definitionToJson(definitionFromJson(exampleJson))).toEqual(exampleJson);
  });

  test("reads what older versions stored, who took any map for a trigger", () => {
    const older = { ...exampleJson, triggers: [{ event: "push", anything: [1] }, { on: "tag" }] };
    expect(definitionFromJson(older)).toMatchObject({ triggers: [], schedule: [], concurrency: null });
  });

  test("keeps an environment variable named __proto__", () => {
    const json = stored({ ...exampleJson, global_env: JSON.parse('{"__proto__":"x"}') as unknown });
    expect(JSON.stringify(definitionToJson(definitionFromJson(json)))).toContain('"global_env":{"__proto__":"x"}');
    expect(Object.entries(definitionFromJson(json).globalEnv)).toEqual([["__proto__", "x"]]);
  });

  describe("refuses", () => {
    test.each<[string, unknown, string]>([
      ["what is no object", [], "the whole: expected object"],
      ["a missing field", { ...exampleJson, name: undefined }, "name: expected string"],
      ["an unknown field", { ...exampleJson, matrix: {} }, "the whole: unknown fields matrix"],
      ["a pipeline without jobs", { ...exampleJson, jobs: [] }, "jobs: expected at least one job"],
      ["a timeout of zero", { ...exampleJson, timeout: 0 }, "timeout: expected more than 0"],
      ["a time that is none", { ...exampleJson, created_at: "today" }, "created_at: expected a UTC time in ISO 8601"],
      ["a number as text", { ...exampleJson, global_env: { A: 1 } }, "global_env: expected a map of texts"],
      [
        "a wrong field deep inside",
        { ...exampleJson, jobs: [{ ...exampleJob, steps: [{ ...exampleStep, script: [7] }] }] },
        "jobs[0].steps[0].script[0]: expected a text",
      ],
      [
        "a trigger of no event",
        { ...exampleJson, triggers: [{ ...anyOf("push"), events: [] }] },
        "triggers[0].events: expected an event",
      ],
      ["a job twice", { ...exampleJson, jobs: [exampleJob, exampleJob] }, "jobs: two jobs have the same name"],
      [
        "a dependency on no job",
        { ...exampleJson, jobs: [{ ...exampleJob, depends_on: ["nobody"] }] },
        'jobs: Job "build" depends on "nobody", but there is no job of that name',
      ],
      [
        "a job that waits for itself",
        { ...exampleJson, jobs: [{ ...exampleJob, depends_on: ["build"] }] },
        "jobs: Circular dependency detected: build → build",
      ],
      [
        "a dependency twice",
        { ...exampleJson, jobs: [exampleJob, { ...exampleJob, name: "test", depends_on: ["build", "build"] }] },
        'jobs: depends_on of "test" names a job twice',
      ],
    ])("%s", (_case, value, detail) => {
      expect(() => definitionFromJson(value)).toThrow(
        expect.objectContaining({
          code: "DEFINITION_UNREADABLE",
          message: `The stored pipeline definition cannot be read: ${detail}`,
        }),
      );
    });

    test("anything else with the same coded error", () => {
      fc.assert(
        fc.property(fc.anything(), (value) => {
          expect(() => definitionFromJson(value)).toThrow(expect.objectContaining({ code: "DEFINITION_UNREADABLE" }));
        }),
      );
    });
  });
});
