import { describe, expect, test } from "vitest";
import { errorPlaces, parse } from "../../testing.ts";

const read = (text: string) => parse(text, { file: "project/.shipinator.yaml" });

const FULL = `version: 1
build:
  steps:
    - name: compile
      image: golang:1.25
      run: go build -o bin/app ./cmd/app
      env: {CGO_ENABLED: 0}
      workdir: services/app
      timeout: 600
      outputs:
        - {name: app, type: go-binary, path: bin/app}
        - {name: image, type: oci-image, ref: example.com/app:1}
    - {name: pack, run: make pack, outputs: [{name: chart, type: helm-chart, path: chart.tgz}]}
test:
  steps:
    - {name: unit, run: make unit, parallel_group: checks}
    - {name: lint, run: make lint, parallel_group: checks}
    - {name: e2e, run: make e2e, outputs: [{name: results, type: junit, path: results.xml}]}
    - {name: load, run: make load, parallel_group: slow}
    - {name: soak, run: make soak, parallel_group: slow}
    - {name: fuzz, run: make fuzz, parallel_group: other}
`;

describe("the shipinator format", () => {
  test("makes one job of the build stage, with its outputs as artifacts", () => {
    const { definition, errors } = read(FULL);
    expect(errors).toEqual([]);
    const build = definition?.jobs.get("build");
    expect(build?.steps.map((step) => step.name)).toEqual(["compile", "pack"]);
    expect(build?.steps[0]).toMatchObject({
      script: ["go build -o bin/app ./cmd/app"],
      image: "golang:1.25",
      environment: { CGO_ENABLED: "0" },
      workingDirectory: "services/app",
      timeout: 600,
    });
    expect(build?.artifacts).toEqual({
      app: { paths: ["bin/app"], optional: false },
      chart: { paths: ["chart.tgz"], optional: false },
    });
  });

  test("runs test steps of a group side by side and groups one after the other", () => {
    const jobs = [...(read(FULL).definition?.jobs.values() ?? [])];
    expect(Object.fromEntries(jobs.map((job) => [job.name, job.dependsOn]))).toEqual({
      build: [],
      "test-unit": ["build"],
      "test-lint": ["build"],
      "test-e2e": ["test-unit", "test-lint"],
      "test-load": ["test-e2e"],
      "test-soak": ["test-e2e"],
      "test-fuzz": ["test-load", "test-soak"],
    });
    expect(jobs.find((job) => job.name === "test-e2e")?.artifacts).toEqual({
      results: { paths: ["results.xml"], optional: false },
    });
  });

  test("lets tests start at once where there is no build stage", () => {
    const { definition } = read("version: 1\ntest: {steps: [{name: unit, run: make}]}\n");
    expect(definition?.jobs.get("test-unit")?.dependsOn).toEqual([]);
  });

  test("makes job names of step names that could not be any, without mixing two up", () => {
    const { definition, errors } = read(
      "version: 1\ntest: {steps: [{name: unit 1, run: a}, {name: unit/1, run: b}]}\n",
    );
    expect(errors).toEqual([]);
    expect([...(definition?.jobs.keys() ?? [])]).toEqual(["test-unit-1", "test-unit-1-2"]);
  });

  test("warns that the deploy stage is left out", () => {
    const result = read(`${FULL}deploy: {method: helm, artifacts: [app]}\n`);
    expect(result.definition?.jobs.size).toBe(7);
    expect(result.warnings).toMatchObject([
      { code: "SHIPINATOR_DEPLOY_LEFT_OUT", line: 22, context: 'In stage "deploy"' },
    ]);
  });

  test.each([
    ["artifacts: [app, src/app]", 'SHIPINATOR_DEPLOY_NO_ARTIFACT "src/app"'],
    ["helm: {release: r, chart: ./chart, namespace: n}", 'SHIPINATOR_DEPLOY_NO_ARTIFACT "./chart"'],
    [
      "helm: {release: r, chart: chart, namespace: n, values_files: [prod.yaml]}",
      'SHIPINATOR_DEPLOY_NO_ARTIFACT "prod.yaml"',
    ],
    ["kubectl: {manifests: deploy/, namespace: n}", 'SHIPINATOR_DEPLOY_NO_ARTIFACT "deploy/"'],
    ["kubectl: {manifests: [app, k8s.yaml], namespace: n}", 'SHIPINATOR_DEPLOY_NO_ARTIFACT "k8s.yaml"'],
    ["source: .", 'PIPELINE_UNKNOWN_KEY "source"'],
    ["artifacts: [app], helm: {release: r, chart: chart, namespace: n}", ""],
  ])("deploys what was built alone, of which `%s` says %s", (fields, expected) => {
    const told = read(`${FULL}deploy: {${fields}}\n`).errors.map(
      ({ code, message }) => `${code} ${/"[^"]*"/.exec(message)?.[0]}`,
    );
    expect(told.join()).toBe(expected);
  });

  test.each([
    ["another version", "version: 2\nbuild: {steps: [{name: a, run: b}]}\n", "PIPELINE_WRONG_TYPE 1:10"],
    ["no version", "build: {steps: [{name: a, run: b}]}\n", "PIPELINE_MISSING_FIELD 1:1"],
    ["no stages", "version: 1\n", "SHIPINATOR_WITHOUT_STAGES 1:1"],
    ["an unknown key", "version: 1\nbuild: {steps: [{name: a, script: [b], run: c}]}\n", "PIPELINE_UNKNOWN_KEY 2:27"],
    ["a stage without steps", "version: 1\nbuild: {steps: []}\n", "PIPELINE_JOB_WITHOUT_STEPS 2:9"],
    ["a step without a command", "version: 1\nbuild: {steps: [{name: a}]}\n", "PIPELINE_MISSING_FIELD 2:17"],
    [
      "an unknown type of output",
      "version: 1\ntest: {steps: [{name: a, run: b, outputs: [{name: x, type: rpm, path: y}]}]}\n",
      "PIPELINE_WRONG_TYPE 2:60",
    ],
    [
      "two steps of one name",
      "version: 1\nbuild: {steps: [{name: a, run: b}, {name: a, run: b}]}\n",
      "PIPELINE_STEP_NAME_DUPLICATE 2:43",
    ],
  ])("refuses %s", (_, text, place) => {
    expect(errorPlaces(read(text))).toEqual([place]);
  });

  test("names stage and step in the context", () => {
    const result = read("version: 1\ntest: {steps: [{name: unit, run: a, timeout: 5m}]}\n");
    expect(result.errors).toMatchObject([{ context: 'In stage "test", step "unit"', path: "test.steps[0].timeout" }]);
  });
});
