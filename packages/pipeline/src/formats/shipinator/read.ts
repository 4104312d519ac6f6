import { DEFAULT_PLACE } from "../../model/job-place.ts";
import type { DiagnosticCollector } from "../../diagnostics/diagnostic.ts";
import type {
  ArtifactsTemplate,
  ArtifactTemplate,
  JobTemplate,
  Located,
  PipelineTemplate,
  StepTemplate,
} from "../../model/template.ts";
import { joinPath, type MappingNode, type TreeNode } from "../../yaml/node.ts";
import { checkSchema } from "../check-schema.ts";
import {
  asMapping,
  characters,
  checkArtifactPath,
  checkImage,
  environmentAt,
  itemsAt,
  mappingAt,
  numberAt,
  textAt,
} from "../read-values.ts";
import { checkDeploy } from "./check-deploy.ts";
import { shipinatorSchema } from "./schema.ts";

/** The format has no field for a name. */
const PIPELINE_NAME = "shipinator";

/**
 * Reads `.shipinator.yaml`. The build stage becomes one job, `build`. Each test step becomes a job `test-<name>`:
 * steps next to each other that share a `parallel_group` run at the same time, and each group waits for the one before
 * it, so that a failure ends the stage once its group has settled. Steps keep what they make as artifacts.
 *
 * @returns null where the root is no map
 */
export function readShipinator(tree: TreeNode, collector: DiagnosticCollector): PipelineTemplate | null {
  collector.describePlaces((path) => describePlace(path, tree));
  checkSchema(shipinatorSchema(), tree, collector);
  const root = asMapping(tree);
  if (root === null) return null;
  const jobs = new Map<string, JobTemplate>();
  const build = readBuildStage(root, collector);
  if (build !== null) jobs.set(build.name, build);
  for (const job of readTestStage(root, build, collector)) jobs.set(job.name, job);
  const isDeployRight = checkDeploy(root, collector);
  const deploy = root.entries.get("deploy");
  if (deploy !== undefined && isDeployRight) {
    collector.report("SHIPINATOR_DEPLOY_LEFT_OUT", {}, { span: deploy.keySpan, path: "deploy" });
  }
  if (!root.entries.has("build") && !root.entries.has("test")) {
    collector.report("SHIPINATOR_WITHOUT_STAGES", {}, { span: root.span, path: "" });
  }
  return {
    name: { value: PIPELINE_NAME, span: root.span, path: "" },
    globalEnv: new Map(),
    timeout: null,
    maxAttempts: null,
    artifacts: new Map(),
    triggers: [],
    schedule: [],
    inputs: new Map(),
    concurrency: null,
    jobs,
  };
}

/** `test.steps[0].run` -> `In stage "test", step "unit"`. */
function describePlace(path: string, tree: TreeNode): string {
  const match = /^(build|test|deploy)(?:\.steps\[(\d+)\])?/.exec(path);
  if (match === null) return "";
  if (match[2] === undefined) return `In stage "${match[1]}"`;
  const index = Number(match[2]);
  const step = asMapping(itemsAt(mappingAt(asMapping(tree), match[1] ?? ""), "steps")[index]);
  const name = step === null ? null : textAt(step, "name", "");
  return `In stage "${match[1]}", step ${name === null ? index + 1 : `"${name.value}"`}`;
}

function readBuildStage(root: MappingNode, collector: DiagnosticCollector): JobTemplate | null {
  const entry = root.entries.get("build");
  if (entry === undefined) return null;
  const steps: StepTemplate[] = [];
  const artifacts = new Map<string, ArtifactTemplate>();
  const names = new Map<string, Located<string>>();
  for (const [index, node] of itemsAt(asMapping(entry.value), "steps").entries()) {
    const step = asMapping(node);
    if (step === null) continue;
    const path = `build.steps[${index}]`;
    const template = readStep(step, path, collector);
    steps.push(template);
    checkUnique(template.name, names, collector);
    for (const [name, paths] of readOutputs(step, path, collector)) artifacts.set(name, paths);
  }
  return { ...emptyJob("build", "build", entry.keySpan), steps, artifacts };
}

function readTestStage(
  root: MappingNode,
  build: JobTemplate | null,
  collector: DiagnosticCollector,
): readonly JobTemplate[] {
  const jobs: JobTemplate[] = [];
  const taken = new Set<string>();
  const names = new Map<string, Located<string>>();
  let before: readonly string[] = build === null ? [] : [build.name];
  let group: string | null = null;
  let groupJobs: string[] = [];
  for (const [index, node] of itemsAt(mappingAt(root, "test"), "steps").entries()) {
    const step = asMapping(node);
    if (step === null) continue;
    const path = `test.steps[${index}]`;
    const template = readStep(step, path, collector);
    checkUnique(template.name, names, collector);
    const stepGroup = textAt(step, "parallel_group", path)?.value ?? null;
    if (groupJobs.length > 0 && (stepGroup === null || stepGroup !== group)) {
      before = groupJobs;
      groupJobs = [];
    }
    group = stepGroup;
    const name = jobName(template.name.value, taken);
    groupJobs.push(name);
    jobs.push({
      ...emptyJob(name, path, template.name.span),
      steps: [template],
      dependsOn: before.map((value) => ({ value, span: template.name.span, path })),
      artifacts: readOutputs(step, path, collector),
    });
  }
  return jobs;
}

function checkUnique(name: Located<string>, names: Map<string, Located<string>>, collector: DiagnosticCollector): void {
  const earlier = names.get(name.value);
  if (earlier === undefined) names.set(name.value, name);
  else if (name.value !== "") {
    collector.report("PIPELINE_STEP_NAME_DUPLICATE", { name: name.value, line: collector.lineOf(earlier.span) }, name);
  }
}

/** Job names are narrower than step names; what is lost may make two of them equal, so they are numbered. */
function jobName(stepName: string, taken: Set<string>): string {
  const base = `test-${stepName.replaceAll(/[^a-zA-Z0-9_-]+/g, "-")}`.slice(0, 45);
  let name = base;
  for (let number = 2; taken.has(name); number += 1) name = `${base}-${number}`;
  taken.add(name);
  return name;
}

function readStep(step: MappingNode, path: string, collector: DiagnosticCollector): StepTemplate {
  const run = step.entries.get("run");
  const command = run === undefined ? null : characters(run.value, joinPath(path, "run"));
  const image = textAt(step, "image", path);
  checkImage(image, collector);
  return {
    name: textAt(step, "name", path) ?? { value: "", span: step.span, path: joinPath(path, "name") },
    span: step.span,
    path,
    script: command === null ? [] : [command],
    action: null,
    image,
    environment: environmentAt(step, "env", path, collector),
    timeout: numberAt(step, "timeout", path),
    retryCount: null,
    retry: null,
    workingDirectory: textAt(step, "workdir", path),
    continueOnFailure: null,
  };
}

/** Outputs that are files. An image has a `ref` and no path; it is in its registry already. */
function readOutputs(step: MappingNode, stepPath: string, collector: DiagnosticCollector): ArtifactsTemplate {
  const artifacts = new Map<string, ArtifactTemplate>();
  for (const [index, node] of itemsAt(step, "outputs").entries()) {
    const output = asMapping(node);
    if (output === null) continue;
    const base = `${stepPath}.outputs[${index}]`;
    const name = textAt(output, "name", base);
    const path = textAt(output, "path", base);
    if (name === null || path === null) continue;
    checkArtifactPath(path, collector);
    artifacts.set(name.value, { paths: [path], optional: null });
  }
  return artifacts;
}

function emptyJob(name: string, path: string, span: JobTemplate["span"]): JobTemplate {
  return {
    name,
    span,
    path,
    steps: [],
    dependsOn: [],
    artifacts: null,
    environment: new Map(),
    timeout: null,
    retryCount: null,
    place: DEFAULT_PLACE,
    retry: null,
    condition: null,
    deploysTo: null,
  };
}
