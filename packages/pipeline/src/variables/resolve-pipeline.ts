import type { DiagnosticCollector } from "../diagnostics/diagnostic.ts";
import { checkArtifactPath, checkEnvironmentName, checkImage } from "../formats/read-values.ts";
import { excerpt, problem, type ReportProblem } from "../expressions/problem.ts";
import {
  DEFAULT_PIPELINE_TIMEOUT,
  DEFAULT_RETRY_COUNT,
  DEFAULT_STEP_TIMEOUT,
  DEFAULT_TIMEOUT,
  DEFAULT_WORKING_DIRECTORY,
} from "../model/defaults.ts";
import type {
  Artifacts,
  Environment,
  PipelineDefinition,
  PipelineJob,
  PipelineStep,
  Text,
} from "../model/definition.ts";
import {
  JOB_RETRY_RANGE,
  JOB_TIMEOUT_RANGE,
  MAX_ATTEMPTS_RANGE,
  PIPELINE_TIMEOUT_RANGE,
  STEP_RETRY_RANGE,
  STEP_TIMEOUT_RANGE,
} from "../model/ranges.ts";
import type { ConcurrencyRule } from "../model/concurrency.ts";
import { plainRetry } from "../model/retry-rule.ts";
import type {
  ArtifactsTemplate,
  ConcurrencyTemplate,
  EnvironmentTemplate,
  JobTemplate,
  Located,
  PipelineTemplate,
  StepTemplate,
} from "../model/template.ts";
import { reporterFor, wantsDetail } from "./collector-reports.ts";
import { resolveCondition } from "./condition.ts";
import { EntryStack, EnvironmentScope } from "./environment-scope.ts";
import { checkEventText } from "./event-text.ts";
import { FieldResolver } from "./fields.ts";
import { JobReferences } from "./job-references.ts";
import { resolveRetry } from "./resolve-retry.ts";
import { Session, toText, wholeOf, type SessionInputs } from "./session.ts";
import { FAILED } from "./substitute.ts";

export interface VariableInputs extends SessionInputs {
  /** Milliseconds since the epoch: the definition's `createdAt`. */
  readonly now: number;
}

/**
 * Replaces every reference of a template that can be known before the run, checks the others, and applies defaults.
 *
 * Replaced are all texts: environment values, scripts, images, working directories, artifact paths, names of the
 * pipeline and of steps, conditions' names, and typed fields. Keys, job names and `depends_on` are not, so that the
 * graph stands before any variable does.
 *
 * @param dependsOn - names without duplicates and without the job itself, for every job
 * @param collector - gets all problems; where it has errors afterwards the definition is not fit to run
 */
export function resolvePipeline(
  template: PipelineTemplate,
  dependsOn: ReadonlyMap<string, readonly string[]>,
  inputs: VariableInputs,
  collector: DiagnosticCollector,
): PipelineDefinition {
  return new PipelineResolver(template, dependsOn, inputs, collector).resolve();
}

const NO_ENVIRONMENT: Environment = {};

class PipelineResolver {
  readonly #template: PipelineTemplate;
  readonly #dependsOn: ReadonlyMap<string, readonly string[]>;
  readonly #now: number;
  readonly #collector: DiagnosticCollector;
  readonly #scope: EnvironmentScope;
  readonly #fields: FieldResolver;
  readonly #reporterOf: (located: Located<unknown>) => ReportProblem;

  constructor(
    template: PipelineTemplate,
    dependsOn: ReadonlyMap<string, readonly string[]>,
    inputs: VariableInputs,
    collector: DiagnosticCollector,
  ) {
    this.#template = template;
    this.#dependsOn = dependsOn;
    this.#now = inputs.now;
    this.#collector = collector;
    this.#reporterOf = (located) => reporterFor(collector, located);
    this.#fields = new FieldResolver(this.#reporterOf, collector.hasErrors);
    const session = new Session(inputs, this.#reporterOf, () => wantsDetail(collector));
    const jobReferences = new JobReferences(template, dependsOn);
    this.#scope = new EnvironmentScope(
      { session, stack: new EntryStack(), jobReferences },
      template.globalEnv,
      null,
      null,
    );
  }

  resolve(): PipelineDefinition {
    const template = this.#template;
    const scope = this.#scope;
    const globalEnv = this.#environment(template.globalEnv, scope);
    const artifacts = this.#artifacts(template.artifacts, scope);
    const maxAttempts = this.#fields.integer(
      template.maxAttempts,
      "max_attempts",
      MAX_ATTEMPTS_RANGE,
      DEFAULT_RETRY_COUNT + 1,
      scope,
    );
    const jobs = new Map<string, PipelineJob>();
    for (const job of template.jobs.values()) jobs.set(job.name, this.#job(job, maxAttempts, artifacts));
    return {
      name: this.#fields.name(template.name, "name", scope),
      jobs,
      globalEnv,
      timeout: this.#fields.integer(
        template.timeout,
        "timeout",
        PIPELINE_TIMEOUT_RANGE,
        DEFAULT_PIPELINE_TIMEOUT,
        scope,
      ),
      retryPolicy: { maxAttempts },
      artifacts,
      triggers: template.triggers,
      schedule: template.schedule,
      inputs: new Map([...template.inputs].map(([name, { value }]) => [name, value] as const)),
      concurrency: template.concurrency === null ? null : this.#concurrency(template.concurrency),
      createdAt: new Date(this.#now).toISOString(),
    };
  }

  /** Its texts are completed for each run: what they refer to is the event's. */
  #concurrency({ group, cancelInProgress }: ConcurrencyTemplate): ConcurrencyRule {
    const inputs = [...this.#template.inputs.keys()];
    for (const text of [group, cancelInProgress]) {
      if (typeof text?.value === "string") checkEventText(text.value, inputs, this.#reporterOf(text));
    }
    return { group: group.value, cancelInProgress: cancelInProgress?.value ?? false };
  }

  #job(job: JobTemplate, maxAttempts: number, inherited: Artifacts): PipelineJob {
    const fields = this.#fields;
    const scope = this.#scope.inner(job.environment, job.name);
    const environment = this.#environment(job.environment, scope);
    const steps = job.steps.map((step) => this.#step(step, job.name, scope));
    this.#checkStepNames(job, steps);
    return {
      name: job.name,
      steps,
      dependsOn: this.#dependsOn.get(job.name) ?? [],
      artifacts: job.artifacts === null ? inherited : this.#artifacts(job.artifacts, scope),
      environment,
      timeout: fields.integer(job.timeout, "timeout", JOB_TIMEOUT_RANGE, DEFAULT_TIMEOUT, scope),
      place: job.place,
      retry:
        job.retry === null
          ? plainRetry(fields.integer(job.retryCount, "retry_count", JOB_RETRY_RANGE, maxAttempts - 1, scope))
          : resolveRetry(job.retry, fields, scope),
      condition:
        job.condition === null ? null : resolveCondition(job.condition.value, scope, this.#reporterOf(job.condition)),
      deploysTo: job.deploysTo === null ? null : this.#deploysTo(job.deploysTo, scope),
    };
  }

  /** Known before the run begins: who has to approve what is no matter of what its jobs print. */
  #deploysTo(located: Located<string>, scope: EnvironmentScope): string {
    const value = this.#fields.name(located, "deploys_to", scope);
    if (value !== located.value) checkEnvironmentName({ ...located, value }, this.#collector);
    return value;
  }

  #step(step: StepTemplate, job: string, outer: EnvironmentScope): PipelineStep {
    const fields = this.#fields;
    const scope = outer.inner(step.environment, job);
    return {
      name: fields.name(step.name, "name", scope),
      script: step.script.map((line) => fields.text(line, scope)),
      action: step.action?.value ?? null,
      image: step.image === null ? null : this.#checked(step.image, "image", scope, checkImage),
      environment: this.#environment(step.environment, scope),
      timeout: fields.integer(step.timeout, "timeout", STEP_TIMEOUT_RANGE, DEFAULT_STEP_TIMEOUT, scope),
      retry:
        step.retry === null
          ? plainRetry(fields.integer(step.retryCount, "retry_count", STEP_RETRY_RANGE, DEFAULT_RETRY_COUNT, scope))
          : resolveRetry(step.retry, fields, scope),
      workingDirectory:
        step.workingDirectory === null
          ? DEFAULT_WORKING_DIRECTORY
          : fields.filledText(step.workingDirectory, "working_directory", scope),
      continueOnFailure: fields.boolean(step.continueOnFailure, "continue_on_failure", false, scope),
    };
  }

  #environment(entries: EnvironmentTemplate, scope: EnvironmentScope): Environment {
    if (entries.size === 0) return NO_ENVIRONMENT;
    // Not by assignment: a variable may be called __proto__.
    return Object.fromEntries(
      [...entries].map(([name, located]): [string, Text] => {
        const value = scope.valueOf(name, located);
        return [name, value === FAILED ? located.value : toText(value)];
      }),
    );
  }

  #artifacts(artifacts: ArtifactsTemplate, scope: EnvironmentScope): Artifacts {
    return Object.fromEntries(
      [...artifacts].map(([name, { paths, optional }]) => [
        name,
        {
          paths: paths.map((path) => this.#checked(path, "artifact path", scope, checkArtifactPath)),
          optional: this.#fields.boolean(optional, "optional", false, scope),
        },
      ]),
    );
  }

  /** Text whose form the format reader has checked, unless references were in the way. */
  #checked(
    located: Located<string>,
    field: string,
    scope: EnvironmentScope,
    check: (located: Located<string>, collector: DiagnosticCollector) => void,
  ): Text {
    const text = this.#fields.filledText(located, field, scope);
    if (located.value.includes("${") && typeof text === "string" && text !== "" && text !== located.value) {
      check({ ...located, value: text }, this.#collector);
    }
    return text;
  }

  /** Names that differ as written may be the same once their variables are replaced. */
  #checkStepNames(job: JobTemplate, steps: readonly PipelineStep[]): void {
    if (!job.steps.some((step) => step.name.value.includes("${"))) return;
    const names = new Set<string>();
    for (const [index, { name }] of steps.entries()) {
      const located = job.steps[index]?.name;
      if (names.has(name) && located !== undefined) {
        const parameters = { job: job.name, name: excerpt(name) };
        this.#reporterOf(located)(problem("VARIABLE_STEP_NAME_TAKEN", parameters, wholeOf(located.value)));
      }
      names.add(name);
    }
  }
}
