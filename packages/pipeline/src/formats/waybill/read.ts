import type { DiagnosticCollector } from "../../diagnostics/diagnostic.ts";
import type { JobTemplate, Located, PipelineTemplate, StepTemplate } from "../../model/template.ts";
import { joinPath, type MappingEntry, type MappingNode, type TreeNode } from "../../yaml/node.ts";
import { checkSchema } from "../check-schema.ts";
import {
  artifactsAt,
  asMapping,
  checkEnvironmentName,
  booleanAt,
  checkImage,
  environmentAt,
  itemsAt,
  mappingAt,
  numberAt,
  textAt,
  textsAt,
} from "../read-values.ts";
import { KNOWN_ACTIONS } from "./actions.ts";
import { jobNameProblem, RESERVED_JOB_NAMES } from "./job-name.ts";
import { readInputs } from "./read-inputs.ts";
import { readPlace } from "./read-place.ts";
import { readRetry } from "./read-retry.ts";
import { readConcurrency, readSchedule, readTriggers } from "./read-triggers.ts";
import { pipelineSchema } from "./schema.ts";

/**
 * Reads `waybill.yaml`. A field in error is left out of the template, a job in error stays in it with what could be
 * read, so that jobs that depend on it are not blamed for its absence.
 *
 * @returns null where the root is no map
 */
export function readWaybill(tree: TreeNode, collector: DiagnosticCollector): PipelineTemplate | null {
  collector.describePlaces((path) => describePlace(path, tree));
  checkSchema(pipelineSchema, tree, collector);
  const root = asMapping(tree);
  if (root === null) return null;
  const jobsNode = mappingAt(root, "jobs");
  if (jobsNode?.entries.size === 0) {
    const span = root.entries.get("jobs")?.keySpan ?? jobsNode.span;
    collector.report("PIPELINE_WITHOUT_JOBS", {}, { span, path: "jobs" });
  }
  const jobs = new Map<string, JobTemplate>();
  for (const entry of jobsNode?.entries.values() ?? []) jobs.set(entry.key, readJob(entry, collector));
  const retryPolicy = mappingAt(root, "retry_policy");
  return {
    name: textAt(root, "name", "") ?? { value: "", span: tree.span, path: "name" },
    globalEnv: environmentAt(root, "global_env", "", collector),
    timeout: numberAt(root, "timeout", ""),
    maxAttempts: retryPolicy === null ? null : numberAt(retryPolicy, "max_attempts", "retry_policy"),
    artifacts: artifactsAt(root, "artifacts", "", collector) ?? new Map(),
    triggers: readTriggers(root, collector),
    schedule: readSchedule(root, collector),
    inputs: readInputs(root, collector),
    concurrency: readConcurrency(root),
    jobs,
  };
}

/** `jobs.build.steps[0].script` -> `In job "build", step "compile"`. */
function describePlace(path: string, tree: TreeNode): string {
  const match = /^jobs(?:\.([\w-]+)|\[("(?:[^"\\]|\\.)*")\])(?:\.steps\[(\d+)\])?/.exec(path);
  if (match === null) return "";
  const job = match[1] ?? String(JSON.parse(match[2] ?? '""'));
  if (match[3] === undefined) return `In job "${job}"`;
  const index = Number(match[3]);
  const jobNode = asMapping(mappingAt(asMapping(tree), "jobs")?.entries.get(job)?.value);
  const step = asMapping(itemsAt(jobNode, "steps")[index]);
  const name = step === null ? null : textAt(step, "name", "");
  return `In job "${job}", step ${name === null ? index + 1 : `"${name.value}"`}`;
}

function readJob(entry: MappingEntry, collector: DiagnosticCollector): JobTemplate {
  const path = joinPath("jobs", entry.key);
  checkJobName(entry, path, collector);
  const job = asMapping(entry.value) ?? { kind: "mapping", entries: new Map(), value: {}, span: entry.keySpan };
  const deploysTo = textAt(job, "deploys_to", path);
  if (deploysTo !== null) checkEnvironmentName(deploysTo, collector);
  return {
    name: entry.key,
    span: entry.keySpan,
    path,
    steps: readSteps(job, path, collector),
    dependsOn: textsAt(job, "depends_on", path),
    artifacts: artifactsAt(job, "artifacts", path, collector),
    environment: environmentAt(job, "environment", path, collector),
    timeout: numberAt(job, "timeout", path),
    retryCount: numberAt(job, "retry_count", path),
    place: readPlace(job),
    retry: readRetry(job, path, collector),
    condition: readCondition(job, path, collector),
    deploysTo,
  };
}

function checkJobName(entry: MappingEntry, path: string, collector: DiagnosticCollector): void {
  const problem = jobNameProblem(entry.key);
  if (problem !== null) {
    collector.report("PIPELINE_JOB_NAME_INVALID", { name: entry.key, problem }, { span: entry.keySpan, path });
  } else if (RESERVED_JOB_NAMES.has(entry.key)) {
    const reserved = [...RESERVED_JOB_NAMES].join(", ");
    collector.report("PIPELINE_JOB_NAME_RESERVED", { name: entry.key, reserved }, { span: entry.keySpan, path });
  }
  const job = asMapping(entry.value);
  const name = job === null ? null : textAt(job, "name", path);
  if (name !== null && name.value !== entry.key) {
    collector.report("PIPELINE_JOB_NAME_MISMATCH", { name: name.value, key: entry.key }, name);
  }
}

const CONDITION_KEYS = ["conditional", "if", "when"];

function readCondition(job: MappingNode, path: string, collector: DiagnosticCollector): Located<string> | null {
  const written = CONDITION_KEYS.flatMap((key) => job.entries.get(key) ?? []);
  const [first, second] = written;
  if (first === undefined) return null;
  if (second !== undefined) {
    const place = { span: second.keySpan, path: joinPath(path, second.key) };
    collector.report("PIPELINE_SEVERAL_CONDITIONS", { first: first.key, second: second.key }, place);
  }
  const node = first.value;
  if (node.kind !== "scalar" || node.text.trim() === "") return null;
  if (typeof node.value !== "string" && typeof node.value !== "boolean") return null;
  return { value: String(node.value), span: node.span, path: joinPath(path, first.key) };
}

function readSteps(job: MappingNode, jobPath: string, collector: DiagnosticCollector): readonly StepTemplate[] {
  const steps: StepTemplate[] = [];
  const names = new Map<string, Located<string>>();
  const base = joinPath(jobPath, "steps");
  for (const [index, node] of itemsAt(job, "steps").entries()) {
    const mapping = asMapping(node);
    if (mapping === null) continue;
    const step = readStep(mapping, joinPath(base, index), collector);
    steps.push(step);
    const earlier = names.get(step.name.value);
    if (step.name.value === "") continue;
    if (earlier === undefined) {
      names.set(step.name.value, step.name);
    } else {
      const line = collector.lineOf(earlier.span);
      collector.report("PIPELINE_STEP_NAME_DUPLICATE", { name: step.name.value, line }, step.name);
    }
  }
  return steps;
}

function readStep(step: MappingNode, path: string, collector: DiagnosticCollector): StepTemplate {
  const action = textAt(step, "action", path);
  checkWork(step, action, path, collector);
  const image = textAt(step, "image", path);
  checkImage(image, collector);
  return {
    name: textAt(step, "name", path) ?? { value: "", span: step.span, path: joinPath(path, "name") },
    span: step.span,
    path,
    script: textsAt(step, "script", path),
    action,
    image,
    environment: environmentAt(step, "environment", path, collector),
    timeout: numberAt(step, "timeout", path),
    retryCount: numberAt(step, "retry_count", path),
    retry: readRetry(step, path, collector),
    workingDirectory: textAt(step, "working_directory", path),
    continueOnFailure: booleanAt(step, "continue_on_failure", path),
  };
}

function checkWork(
  step: MappingNode,
  action: Located<string> | null,
  path: string,
  collector: DiagnosticCollector,
): void {
  const script = step.entries.get("script");
  if (script === undefined && !step.entries.has("action")) {
    collector.report("PIPELINE_STEP_WITHOUT_SCRIPT", {}, { span: step.span, path: joinPath(path, "script") });
  }
  if (action === null) return;
  if (script !== undefined) {
    collector.report("PIPELINE_STEP_SCRIPT_AND_ACTION", {}, action);
  } else if (!KNOWN_ACTIONS.has(action.value)) {
    const known = KNOWN_ACTIONS.size === 0 ? "none yet" : [...KNOWN_ACTIONS].join(", ");
    collector.report("PIPELINE_UNKNOWN_ACTION", { name: action.value, known }, action);
  }
}
