import { describe, expect, test } from "vitest";
import type { PipelineDefinition } from "../model/definition.ts";
import { definitionOf, type JobSketch } from "../model/testing.ts";
import { retryToJson } from "../model/retry-json.ts";
import { plainRetry } from "../model/retry-rule.ts";
import { planToJson } from "./plan-json.ts";
import { planOf, type Plan } from "./plan.ts";
import { renderGraph } from "./render-graph.ts";
import { renderPlan } from "./render-plan.ts";

function jobOf(name: string, dependsOn: string, changes: JobSketch = {}): readonly [string, JobSketch] {
  return [name, { dependsOn: dependsOn.split(" ").filter(Boolean), ...changes }];
}

type Jobs = readonly (readonly [string, JobSketch])[];

function planOfJobs(jobs: Jobs, changes: Partial<PipelineDefinition> = {}): Plan {
  return planOf(definitionOf(Object.fromEntries(jobs), changes));
}

const diamond = [jobOf("a", ""), jobOf("b", "a"), jobOf("c", "a"), jobOf("d", "b c")];

function chain(length: number): Jobs {
  return Array.from({ length }, (_, at) => jobOf(`job-${at}`, at === 0 ? "" : `job-${at - 1}`));
}

describe("planToJson", () => {
  test("has the documented form", () => {
    const build = jobOf("build", "", {
      artifacts: { binary: { paths: ["dist/app", { deferred: "${WORKSPACE}/extra" }], optional: true } },
      environment: { MODE: "release" },
      timeout: 600,
      retry: { max: 2, when: ["transient_dependencies", { from: 75, to: 75 }, { from: 100, to: 120 }] },
      condition: 'env.CI == "true"',
      steps: [
        {
          name: "compile",
          image: "node:24",
          script: ["npm ci", { deferred: "echo ${WAYBILL_RUN_ID} $${HOME}" }],
          environment: { TOKEN: { deferred: "${secrets.TOKEN}" } },
          timeout: 300,
          retryCount: 1,
        },
      ],
    });
    const plan = planOfJobs([build, jobOf("test", "build")], { globalEnv: { CI: "true", MODE: "debug" } });
    expect(planToJson(plan, [{ code: "SOME_WARNING" }])).toEqual({
      name: "demo",
      levels: [["build"], ["test"]],
      jobs: {
        build: {
          depends_on: [],
          dependents: ["test"],
          condition: 'env.CI == "true"',
          deploys_to: null,
          steps: [
            {
              name: "compile",
              image: "node:24",
              script: ["npm ci", "echo ${WAYBILL_RUN_ID} $${HOME}"],
              environment: { CI: "true", MODE: "release", TOKEN: "${secrets.TOKEN}" },
              timeout: 300,
              retry_count: 1,
              retry: retryToJson(plainRetry(1)),
            },
          ],
          timeout: 600,
          retry_count: 2,
          retry: {
            max: 2,
            when: ["transient_dependencies", 75, "100-120"],
            backoff: { delay: 1, factor: 2, max_delay: 120, jitter: 0.25 },
          },
          artifacts: { binary: ["dist/app", "${WORKSPACE}/extra"] },
          optional_artifacts: ["binary"],
        },
        test: {
          depends_on: ["build"],
          dependents: [],
          condition: null,
          deploys_to: null,
          steps: [
            {
              name: "step-1",
              image: null,
              script: ["make"],
              environment: { CI: "true", MODE: "debug" },
              timeout: 1800,
              retry_count: 0,
              retry: retryToJson(plainRetry(0)),
            },
          ],
          timeout: 3600,
          retry_count: 0,
          retry: retryToJson(plainRetry(0)),
          artifacts: {},
          optional_artifacts: [],
        },
      },
      critical_path: ["build", "test"],
      parallelism: 1,
      warnings: [{ code: "SOME_WARNING" }],
    });
  });

  test("a step's environment wins over the job's, the job's over the pipeline's", () => {
    const job = jobOf("build", "", {
      environment: { A: "job", B: "job" },
      steps: [{ environment: { A: "step" } }],
    });
    const plan = planOfJobs([job], { globalEnv: { A: "global", B: "global", C: "global" } });
    expect(plan.jobs.get("build")?.steps[0]?.environment).toEqual({ A: "step", B: "job", C: "global" });
  });

  test("lists direct dependents in the order of the file", () => {
    const plan = planOfJobs([jobOf("z", ""), jobOf("y", "z"), jobOf("b", "y"), jobOf("a", "z")]);
    expect(plan.jobs.get("z")?.dependents).toEqual(["y", "a"]);
  });

  test("known durations move the critical path", () => {
    const definition = definitionOf(Object.fromEntries(diamond));
    expect(planOf(definition).criticalPath).toEqual(["a", "b", "d"]);
    expect(planOf(definition, { duration: (job) => (job === "c" ? 2 : 1) }).criticalPath).toEqual(["a", "c", "d"]);
  });

  test("shows the values given for the run in every environment, over what the file says", () => {
    const definition = definitionOf({ build: {} }, { globalEnv: { STAGE: "test" } });
    const plan = planOf(definition, { parameters: { STAGE: "live", BRANCH: "main" } });
    expect(plan.jobs.get("build")?.steps[0]?.environment).toEqual({ STAGE: "live", BRANCH: "main" });
  });
});

describe("renderPlan", () => {
  test("shows the jobs level by level", () => {
    const jobs = [
      jobOf("build", "", { steps: [{}, { name: "more" }] }),
      jobOf("lint", "build", { condition: 'env.CI == "true"' }),
      jobOf("unit-tests", "build"),
      jobOf("deploy", "lint unit-tests"),
    ];
    expect(renderPlan(planOfJobs(jobs))).toBe(
      [
        "demo: 4 jobs in 3 levels",
        "",
        "  1  build       2 steps",
        '  2  lint        1 step   after build  if env.CI == "true"',
        "     unit-tests  1 step   after build",
        "  3  deploy      1 step   after lint, unit-tests",
        "",
        "Longest chain: build, lint, deploy (3 jobs)",
        "Parallelism: 1.33 (at best this many times faster than one job after the other)",
        "",
      ].join("\n"),
    );
  });

  test("text from the file cannot control the terminal or break a line", () => {
    const text = renderPlan(
      planOfJobs([jobOf("a", "", { condition: "true\n  && \u001b[2Jtrue" })], { name: "x\u202ey" }),
    );
    expect(text).toContain("if true && \\u{1b}[2Jtrue");
    expect(text).toContain("x\\u{202e}y: 1 job in 1 level");
  });
});

describe("renderGraph", () => {
  test("tree: a job with several dependencies stands once, and is marked at the others", () => {
    const jobs = [...diamond, jobOf("e", "d"), jobOf("alone", "")];
    expect(renderGraph(planOfJobs(jobs), "tree")).toBe(
      [
        "demo",
        "├── a",
        "│   ├── b",
        "│   │   └── d",
        "│   │       └── e",
        "│   └── c",
        "│       └── d (shown above)",
        "└── alone",
        "",
      ].join("\n"),
    );
  });

  test("tree: a long chain goes on at the margin and shows every job", () => {
    const tree = renderGraph(planOfJobs(chain(10_000)), "tree");
    const lines = tree.split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(140);
    expect(lines.slice(23, 28).map((line) => line.trim())).toEqual([
      "└── job-22",
      "└── job-23 (continued below)",
      "",
      "job-23 (continued)",
      "└── job-24",
    ]);
    for (const at of [0, 4711, 9999]) expect(tree).toMatch(new RegExp(`── job-${at}\\b`));
  });

  test("mermaid: arrows lead from a job to those that wait for it", () => {
    expect(renderGraph(planOfJobs(diamond), "mermaid")).toBe(
      [
        "flowchart LR",
        '  j0["a"]',
        '  j1["b"]',
        '  j2["c"]',
        '  j3["d"]',
        "  j0 --> j1",
        "  j0 --> j2",
        "  j1 --> j3",
        "  j2 --> j3",
        "",
      ].join("\n"),
    );
  });

  test("mermaid: a name cannot be syntax", () => {
    expect(renderGraph(planOfJobs([jobOf('x"]-->#quot;', "")]), "mermaid")).toContain(
      '  j0["x#34;#93;--#62;#35;quot#59;"]\n',
    );
  });

  test("dot: arrows lead from a job to those that wait for it", () => {
    expect(renderGraph(planOfJobs(diamond.slice(0, 2)), "dot")).toBe(
      ['digraph "demo" {', "  rankdir=LR;", "  node [shape=box];", '  "a";', '  "b";', '  "a" -> "b";', "}", ""].join(
        "\n",
      ),
    );
  });

  test("dot: a name cannot be syntax", () => {
    expect(renderGraph(planOfJobs([jobOf("a", "")], { name: 'say "\\N"\n{' }), "dot")).toContain(
      'digraph "say \\"\\\\N\\" {" {\n',
    );
  });
});
