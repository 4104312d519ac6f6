import type { Span } from "../diagnostics/span.ts";
import type { JobPlace } from "./job-place.ts";
import type { PipelineInput } from "./input.ts";
import type { RetryCondition } from "./retry-rule.ts";
import type { ScheduleRule } from "./schedule.ts";
import type { TriggerCondition } from "./trigger.ts";

/**
 * What a format reader makes of a file: the shape of a pipeline is settled, but text still holds `${…}` references
 * and every value remembers where it stood. `variables/` turns it into a `PipelineDefinition`.
 */
export interface PipelineTemplate {
  readonly name: Located<string>;
  readonly globalEnv: EnvironmentTemplate;
  readonly timeout: Located<number | string> | null;
  readonly maxAttempts: Located<number | string> | null;
  readonly artifacts: ArtifactsTemplate;
  readonly triggers: readonly TriggerCondition[];
  readonly schedule: readonly ScheduleRule[];
  readonly inputs: ReadonlyMap<string, Located<PipelineInput>>;
  /** Null: nothing is said of other runs. */
  readonly concurrency: ConcurrencyTemplate | null;
  /** In the order of the file, names unique. */
  readonly jobs: ReadonlyMap<string, JobTemplate>;
}

export interface ConcurrencyTemplate {
  readonly group: Located<string>;
  readonly cancelInProgress: Located<boolean | string> | null;
}

export interface JobTemplate {
  readonly name: string;
  /** Span of the job's key. */
  readonly span: Span;
  /** Path of the job in the file, for example `jobs.build`. */
  readonly path: string;
  readonly steps: readonly StepTemplate[];
  /** As written: unchecked, possibly with duplicates. Not subject to substitution. */
  readonly dependsOn: readonly Located<string>[];
  /** Null: the job says nothing, the pipeline's apply. */
  readonly artifacts: ArtifactsTemplate | null;
  readonly environment: EnvironmentTemplate;
  readonly timeout: Located<number | string> | null;
  readonly retryCount: Located<number | string> | null;
  readonly place: JobPlace;
  /** Instead of `retryCount`; null: nothing of the kind is written. */
  readonly retry: RetryTemplate | null;
  /** Under its canonical name whichever of `conditional`, `if`, `when` was written. A bare boolean is its text. */
  readonly condition: Located<string> | null;
  readonly deploysTo: Located<string> | null;
}

export interface StepTemplate {
  readonly name: Located<string>;
  readonly span: Span;
  /** For example `jobs.build.steps[0]`. */
  readonly path: string;
  readonly script: readonly Located<string>[];
  readonly action: Located<string> | null;
  readonly image: Located<string> | null;
  readonly environment: EnvironmentTemplate;
  readonly timeout: Located<number | string> | null;
  readonly retryCount: Located<number | string> | null;
  /** Instead of `retryCount`; null: nothing of the kind is written. */
  readonly retry: RetryTemplate | null;
  readonly workingDirectory: Located<string> | null;
  readonly continueOnFailure: Located<boolean | string> | null;
}

/** `retry` as written. What is left out has its default, unless that depends on another value. */
export interface RetryTemplate {
  readonly max: Located<number | string> | null;
  readonly when: readonly RetryCondition[] | null;
  readonly delay: Located<number | string> | null;
  readonly maxDelay: Located<number | string> | null;
  readonly factor: number;
  readonly jitter: number;
}

export type EnvironmentTemplate = ReadonlyMap<string, Located<string>>;
export type ArtifactsTemplate = ReadonlyMap<string, ArtifactTemplate>;

export interface ArtifactTemplate {
  readonly paths: readonly Located<string>[];
  readonly optional: Located<boolean | string> | null;
}

/** A value and where it stands. In typed fields a string is a template that must resolve to the field's type. */
export interface Located<Value> {
  readonly value: Value;
  readonly span: Span;
  /** Path in the file, for example `jobs.build.steps[0].timeout`. */
  readonly path: string;
}
