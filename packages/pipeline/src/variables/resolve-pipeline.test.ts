import { describe, expect, it } from "vitest";
import { DiagnosticCollector } from "../diagnostics/diagnostic.ts";
import { plainRetry } from "../model/retry-rule.ts";
import { mergedEnvironment } from "./merged-environment.ts";
import { systemVariables } from "./names.ts";
import { resolvePipeline, type VariableInputs } from "./resolve-pipeline.ts";
import { DEFAULT_PLACE } from "../model/job-place.ts";
import { draftTemplate, resolveDraft, type JobDraft, type PipelineDraft } from "./testing.ts";

function messages(draft: PipelineDraft, inputs: Partial<VariableInputs> = {}): string[] {
  return resolveDraft(draft, inputs).errors.map(({ code, message }) => `${code}: ${message}`);
}

describe("a resolved pipeline", () => {
  it("has the defaults of fields that are left out", () => {
    const { definition } = resolveDraft(
      { jobs: { build: { steps: [{ script: ["make"] }] } } },
      { now: 1_700_000_000_123 },
    );
    expect(definition).toMatchObject({
      name: "test",
      timeout: 7200,
      retryPolicy: { maxAttempts: 1 },
      createdAt: "2023-11-14T22:13:20.123Z",
    });
    expect(definition.jobs.get("build")).toEqual({
      name: "build",
      steps: [
        {
          name: "step-1",
          script: ["make"],
          action: null,
          image: null,
          environment: {},
          timeout: 1800,
          retry: plainRetry(0),
          workingDirectory: "/workspace",
          continueOnFailure: false,
        },
      ],
      dependsOn: [],
      artifacts: {},
      environment: {},
      timeout: 3600,
      place: DEFAULT_PLACE,
      retry: plainRetry(0),
      condition: null,
      deploysTo: null,
    });
  });

  it("retries a job once less often than the pipeline's attempts, unless the job says otherwise", () => {
    const { definition } = resolveDraft({ maxAttempts: 3, jobs: { a: {}, b: { retryCount: 0 } } });
    expect([...definition.jobs.values()].map((job) => job.retry.max)).toEqual([2, 0]);
  });

  it("gives a job without artifacts those of the pipeline", () => {
    const { definition } = resolveDraft({
      globalEnv: { OUT: "dist" },
      artifacts: { all: ["${OUT}/**"] },
      jobs: { a: {}, b: { artifacts: {} }, c: { artifacts: { own: ["${OUT}/c"] } } },
    });
    expect([...definition.jobs.values()].map((job) => job.artifacts)).toEqual([
      { all: { paths: ["dist/**"], optional: false } },
      {},
      { own: { paths: ["dist/c"], optional: false } },
    ]);
  });

  it("has references replaced in every text and typed field", () => {
    const { definition, errors } = resolveDraft({
      name: "p-${V}",
      globalEnv: { V: "5", YES: "True" },
      timeout: "${V}00",
      maxAttempts: "${V}",
      jobs: {
        build: {
          timeout: "${V}",
          retryCount: "${V}",
          steps: [
            {
              name: "s-${V}",
              image: "node:${V}",
              timeout: "${V}0",
              retryCount: "${{ V - 2 }}",
              workingDirectory: "/${V}",
              continueOnFailure: "${YES}",
            },
          ],
        },
      },
    });
    expect(errors).toEqual([]);
    expect(definition).toMatchObject({ name: "p-5", timeout: 500, retryPolicy: { maxAttempts: 5 } });
    const job = definition.jobs.get("build");
    expect(job).toMatchObject({ timeout: 5, retry: { max: 5 } });
    expect(job?.steps[0]).toMatchObject({
      name: "s-5",
      image: "node:5",
      timeout: 50,
      retry: plainRetry(3),
      workingDirectory: "/5",
      continueOnFailure: true,
    });
  });

  it.each<[string, JobDraft, string]>([
    ["text", { timeout: "${S}" }, "VARIABLE_TYPE: Expected integer for timeout, got string: '${S}'"],
    [
      "a fraction",
      { retryCount: "1.${ONE}" },
      "VARIABLE_TYPE: Expected integer for retry_count, got string: '1.${ONE}'",
    ],
    ["too much", { timeout: "${ONE}0000" }, "VARIABLE_OUT_OF_RANGE: timeout must be from 1 to 3600, got 10000"],
    ["too little", { timeout: "-${ONE}" }, "VARIABLE_OUT_OF_RANGE: timeout must be from 1 to 3600, got -1"],
    ["a plain number too large", { retryCount: 9 }, "VARIABLE_OUT_OF_RANGE: retry_count must be from 0 to 5, got 9"],
    [
      "no truth",
      { steps: [{ continueOnFailure: "${S}" }] },
      "VARIABLE_TYPE: Expected boolean for continue_on_failure, got string: '${S}'",
    ],
    [
      "what only the run knows",
      { timeout: "${WAYBILL_RUN_NUMBER}" },
      "VARIABLE_NOT_YET_KNOWN: timeout must be known before the run, but '${WAYBILL_RUN_NUMBER}' is known only during it",
    ],
    [
      "a step name of the run",
      { steps: [{ name: "${WAYBILL_JOB}" }] },
      "VARIABLE_NOT_YET_KNOWN: name must be known before the run, but '${WAYBILL_JOB}' is known only during it",
    ],
    [
      "an empty image",
      { steps: [{ image: "${E}" }] },
      "VARIABLE_EMPTY_VALUE: image is empty after its variables are replaced: '${E}'",
    ],
    [
      "an image of the wrong form",
      { steps: [{ image: "node:${S}:${ONE}" }] },
      'PIPELINE_IMAGE_INVALID: The image reference "node:abc:1" is not valid: "abc:1" cannot be a tag.',
    ],
    [
      "an artifact path that leaves the workspace",
      { artifacts: { app: ["${E}/etc/passwd"] } },
      expect.stringMatching(/^PIPELINE_ARTIFACT_PATH_OUTSIDE/),
    ],
    [
      "equal step names",
      { steps: [{ name: "x1" }, { name: "x${ONE}" }] },
      "VARIABLE_STEP_NAME_TAKEN: Two steps of job 'build' are called 'x1' after their variables are replaced",
    ],
  ])("refuses %s", (_, job, expected) => {
    expect(messages({ globalEnv: { S: "abc", ONE: "1", E: "" }, jobs: { build: job } })).toEqual([expected]);
  });

  it("does not repeat what has been reported of plain values", () => {
    const { template, source, dependsOn } = draftTemplate({ jobs: { build: { timeout: 99_999 } } });
    const collector = new DiagnosticCollector(source);
    collector.report("INTERNAL", { detail: "found before" }, { span: null, path: "" });
    resolvePipeline(template, dependsOn, { parameters: {}, system: {}, now: 0 }, collector);
    expect(collector.errorCount).toBe(1);
  });

  it("leaves keys, job names and dependencies as they are", () => {
    const { definition } = resolveDraft({
      globalEnv: { V: "v" },
      jobs: { "${V}": { environment: { "${V}": "x" } }, b: { dependsOn: ["${V}"] } },
    });
    expect(definition.jobs.get("${V}")?.environment).toEqual({ "${V}": "x" });
    expect(definition.jobs.get("b")?.dependsOn).toEqual(["${V}"]);
  });

  it("gives a step global, job and step variables, and parameters above them", () => {
    const { definition } = resolveDraft({
      globalEnv: { A: "g", B: "g", C: "g" },
      jobs: { build: { environment: { B: "j", C: "j" }, steps: [{ environment: { C: "s" } }] } },
    });
    const job = definition.jobs.get("build");
    const step = job?.steps[0];
    if (job === undefined || step === undefined) throw new Error("the draft has a job and a step");
    expect(mergedEnvironment(definition, job, step, { P: "p" })).toEqual({ A: "g", B: "j", C: "s", P: "p" });
    expect(mergedEnvironment(definition, job, null, { C: "p" })).toEqual({ A: "g", B: "j", C: "p" });
  });
});

describe("references to jobs", () => {
  const jobs = {
    build: { artifacts: { app: ["app.jar"] } },
    test: { dependsOn: ["build"] },
    lint: {},
  };
  function inDeploy(text: string): string[] {
    return messages({ jobs: { ...jobs, deploy: { dependsOn: ["test"], steps: [{ script: [text] }] } } });
  }

  it.each(["${job.build.status}", "${JOB.test.status}", "${job.build.artifacts.app}", "${job.build.artifacts.count}"])(
    "accepts %s of a job that runs before, directly or not",
    (text) => expect(inDeploy(text)).toEqual([]),
  );

  it.each([
    ["${job.biuld.status}", "VARIABLE_JOB_UNKNOWN: 'job.biuld.status' refers to the job 'biuld', which does not exist"],
    [
      "${job.lint.status}",
      "VARIABLE_JOB_NOT_DEPENDENCY: 'job.lint.status' needs job 'lint' to have run before job 'deploy', but 'deploy' does not depend on it",
    ],
    [
      "${job.deploy.status}",
      "VARIABLE_JOB_NOT_DEPENDENCY: 'job.deploy.status' needs job 'deploy' to have run before job 'deploy', but 'deploy' does not depend on it",
    ],
    ["${job.build.colour}", "VARIABLE_JOB_FIELD: 'job.build.colour' is not something a job has"],
    ["${job.build}", "VARIABLE_JOB_FIELD: 'job.build' is not something a job has"],
    ["${job.build.artifacts.ap}", "VARIABLE_ARTIFACT_UNKNOWN: Job 'build' has no artifact 'ap'"],
    [
      "${{ job.lint.status == 'SUCCESS' }}",
      "VARIABLE_JOB_NOT_DEPENDENCY: 'job.lint.status' needs job 'lint' to have run before job 'deploy', but 'deploy' does not depend on it",
    ],
  ])("refuses %s", (text, expected) => expect(inDeploy(text)).toEqual([expected]));

  it("refuses them outside of jobs", () => {
    expect(messages({ globalEnv: { S: "${job.build.status}" }, jobs })).toEqual([
      "VARIABLE_JOB_OUTSIDE_JOB: 'job.build.status' can be used only inside a job",
    ]);
  });

  it("reads hyphens in job names inside expressions", () => {
    const { errors } = resolveDraft({
      jobs: { "build-web": {}, b: { dependsOn: ["build-web"], condition: "job.build-web.status == 'SUCCESS'" } },
    });
    expect(errors).toEqual([]);
  });
});

describe("secrets", () => {
  function use(job: JobDraft): string[] {
    return resolveDraft({ jobs: { build: job } }).errors.map(({ code, suggestion }) => `${code}: ${suggestion}`);
  }

  it("may stand in environment values, also through other values", () => {
    expect(use({ environment: { T: "Bearer ${secrets.TOKEN}", U: "${T}" } })).toEqual([]);
  });

  it("may stand nowhere else", () => {
    expect(use({ steps: [{ script: ["login ${secrets.TOKEN}"] }] })).toEqual([
      'VARIABLE_SECRET_MISPLACED: Put it into the environment of the job or step, as in environment: { TOKEN: "${secrets.TOKEN}" }, and let the script read $TOKEN.',
    ]);
  });

  it.each<[string, JobDraft]>([
    ["a variable", { steps: [{ script: ["${T}"] }] }],
    ["an expression", { steps: [{ script: ["${{ env.T + 'x' }}"] }] }],
    ["a form", { steps: [{ script: ["${T:+x}"] }] }],
    ["a default", { steps: [{ script: ["${NOPE:-${T}}"] }] }],
    ["an image", { steps: [{ image: "app:${T}" }] }],
    ["a condition", { condition: "env.T == 'x'" }],
  ])("do not come out through %s", (_, job) => {
    const codes = use({ ...job, environment: { T: "${secrets.TOKEN}" } }).map((line) => line.split(":")[0]);
    expect(codes).toEqual(["VARIABLE_SECRET_MISPLACED"]);
  });
});

describe("system variables", () => {
  it("are those of the list and no others", () => {
    const host = { CI: "false", HOME: "/home/user", AWS_SECRET_ACCESS_KEY: "x", TZ: undefined };
    expect(systemVariables(host)).toEqual({ CI: "true", HOME: "/home/user" });
  });
});

describe("resolving many jobs", () => {
  it("is not slowed down by errors beyond those that are kept", () => {
    const script = Array.from({ length: 20_000 }, (_, index) => `\${NOPE${index}}`);
    expect(resolveDraft({ jobs: { build: { steps: [{ script }] } } }).errors).toHaveLength(200);
  });
});
