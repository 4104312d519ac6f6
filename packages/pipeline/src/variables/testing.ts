import { DEFAULT_PLACE } from "../model/job-place.ts";
import { DiagnosticCollector, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { SourceText } from "../diagnostics/source-text.ts";
import type { PipelineDefinition } from "../model/definition.ts";
import type {
  ArtifactsTemplate,
  EnvironmentTemplate,
  JobTemplate,
  Located,
  PipelineTemplate,
  StepTemplate,
} from "../model/template.ts";
import { resolvePipeline, type VariableInputs } from "./resolve-pipeline.ts";

export interface StepDraft {
  readonly name?: string;
  readonly script?: readonly string[];
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeout?: number | string;
  readonly retryCount?: number | string;
  readonly workingDirectory?: string;
  readonly continueOnFailure?: boolean | string;
}

export interface JobDraft {
  readonly steps?: readonly StepDraft[];
  readonly dependsOn?: readonly string[];
  readonly artifacts?: Readonly<Record<string, readonly string[]>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeout?: number | string;
  readonly retryCount?: number | string;
  readonly condition?: string;
  readonly deploysTo?: string;
}

export interface PipelineDraft {
  readonly name?: string;
  readonly globalEnv?: Readonly<Record<string, string>>;
  readonly timeout?: number | string;
  readonly maxAttempts?: number | string;
  readonly artifacts?: Readonly<Record<string, readonly string[]>>;
  readonly jobs?: Readonly<Record<string, JobDraft>>;
}

export interface Drafted {
  readonly template: PipelineTemplate;
  readonly source: SourceText;
  readonly dependsOn: ReadonlyMap<string, readonly string[]>;
}

/** A template for tests of what comes after the format readers. Its source is one line `path: value` for each value. */
export function draftTemplate(draft: PipelineDraft): Drafted {
  let text = "";

  function locate<Value>(value: Value, path: string): Located<Value> {
    const start = text.length + path.length + 2;
    text += `${path}: ${String(value)}\n`;
    return { value, path, span: { start, end: text.length - 1 } };
  }
  function optional<Value>(value: Value | undefined, path: string): Located<Value> | null {
    return value === undefined ? null : locate(value, path);
  }
  function environment(entries: Readonly<Record<string, string>> | undefined, path: string): EnvironmentTemplate {
    return new Map(Object.entries(entries ?? {}).map(([name, value]) => [name, locate(value, `${path}.${name}`)]));
  }
  function artifacts(entries: Readonly<Record<string, readonly string[]>>, path: string): ArtifactsTemplate {
    return new Map(
      Object.entries(entries).map(([name, paths]) => [
        name,
        { paths: paths.map((each) => locate(each, `${path}.${name}`)), optional: null },
      ]),
    );
  }
  function step(input: StepDraft, path: string, index: number): StepTemplate {
    return {
      name: locate(input.name ?? `step-${index + 1}`, `${path}.name`),
      span: { start: text.length, end: text.length },
      path,
      script: (input.script ?? ["true"]).map((line, at) => locate(line, `${path}.script[${at}]`)),
      action: null,
      image: optional(input.image, `${path}.image`),
      environment: environment(input.environment, `${path}.environment`),
      timeout: optional(input.timeout, `${path}.timeout`),
      retryCount: optional(input.retryCount, `${path}.retry_count`),
      retry: null,
      workingDirectory: optional(input.workingDirectory, `${path}.working_directory`),
      continueOnFailure: optional(input.continueOnFailure, `${path}.continue_on_failure`),
    };
  }
  function job(name: string, input: JobDraft): JobTemplate {
    const path = `jobs.${name}`;
    return {
      name,
      span: { start: text.length, end: text.length },
      path,
      environment: environment(input.environment, `${path}.environment`),
      steps: (input.steps ?? [{}]).map((each, index) => step(each, `${path}.steps[${index}]`, index)),
      dependsOn: (input.dependsOn ?? []).map((each) => locate(each, `${path}.depends_on`)),
      artifacts: input.artifacts === undefined ? null : artifacts(input.artifacts, `${path}.artifacts`),
      timeout: optional(input.timeout, `${path}.timeout`),
      place: DEFAULT_PLACE,
      retryCount: optional(input.retryCount, `${path}.retry_count`),
      retry: null,
      condition: optional(input.condition, `${path}.conditional`),
      deploysTo: optional(input.deploysTo, `${path}.deploys_to`),
    };
  }

  const jobs = Object.entries(draft.jobs ?? {});
  const template: PipelineTemplate = {
    name: locate(draft.name ?? "test", "name"),
    globalEnv: environment(draft.globalEnv, "global_env"),
    timeout: optional(draft.timeout, "timeout"),
    maxAttempts: optional(draft.maxAttempts, "retry_policy.max_attempts"),
    artifacts: artifacts(draft.artifacts ?? {}, "artifacts"),
    triggers: [],
    schedule: [],
    inputs: new Map(),
    concurrency: null,
    jobs: new Map(jobs.map(([name, input]) => [name, job(name, input)])),
  };
  const dependsOn = new Map(jobs.map(([name, input]) => [name, input.dependsOn ?? []]));
  return { template, source: new SourceText(text, "waybill.yaml"), dependsOn };
}

export interface ResolvedDraft {
  readonly definition: PipelineDefinition;
  readonly errors: readonly Diagnostic[];
}

export function resolveDraft(draft: PipelineDraft, inputs: Partial<VariableInputs> = {}): ResolvedDraft {
  const { template, source, dependsOn } = draftTemplate(draft);
  const collector = new DiagnosticCollector(source);
  const all = { parameters: {}, system: {}, now: 0, ...inputs };
  const definition = resolvePipeline(template, dependsOn, all, collector);
  return { definition, errors: collector.errors() };
}
