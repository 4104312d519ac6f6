import type { JobPlace } from "./job-place.ts";
import type { ConcurrencyRule } from "./concurrency.ts";
import type { PipelineInputs } from "./input.ts";
import type { RetryRule } from "./retry-rule.ts";
import type { ScheduleRule } from "./schedule.ts";
import type { TriggerCondition } from "./trigger.ts";

/**
 * A pipeline ready to run: validated, with every variable that can be known in advance replaced.
 * Immutable plain data; `definitionToJson`/`definitionFromJson` carry it to a database and back without loss.
 */
export interface PipelineDefinition {
  readonly name: string;
  /** In the order of the file. A map for lookup by name; names are unique. */
  readonly jobs: ReadonlyMap<string, PipelineJob>;
  readonly globalEnv: Environment;
  /** Seconds the whole run may take. */
  readonly timeout: number;
  /** Default for jobs that say nothing of retries. */
  readonly retryPolicy: RetryPolicy;
  /** Files every job without `artifacts` of its own keeps. */
  readonly artifacts: Artifacts;
  /** What starts runs; one of them is enough. None: `DEFAULT_TRIGGERS`. */
  readonly triggers: readonly TriggerCondition[];
  readonly schedule: readonly ScheduleRule[];
  readonly inputs: PipelineInputs;
  /** Null: its runs wait for no others. */
  readonly concurrency: ConcurrencyRule | null;
  /** When the text was parsed: ISO 8601, UTC, milliseconds. */
  readonly createdAt: string;
}

export interface PipelineJob {
  readonly name: string;
  /** At least one. Run in order. */
  readonly steps: readonly PipelineStep[];
  /** Names of the jobs that must succeed first. Without duplicates and without the job itself. */
  readonly dependsOn: readonly string[];
  readonly artifacts: Artifacts;
  readonly environment: Environment;
  /** Seconds one attempt of the job may take. */
  readonly timeout: number;
  readonly place: JobPlace;
  readonly retry: RetryRule;
  /** Source of the expression that decides whether the job runs; null: always. */
  readonly condition: string | null;
  /** Name of the environment the job works on: it has its secrets and is bound by its rules. Null: none. */
  readonly deploysTo: string | null;
}

export interface PipelineStep {
  readonly name: string;
  /** Shell command lines, run in order until one fails. Empty only where `action` is set. */
  readonly script: readonly Text[];
  /** A predefined action instead of a script; null: the script. */
  readonly action: string | null;
  /** Container image; null: the step names none, the executor decides. */
  readonly image: Text | null;
  readonly environment: Environment;
  /** Seconds one attempt of the step may take. */
  readonly timeout: number;
  readonly retry: RetryRule;
  readonly workingDirectory: Text;
  readonly continueOnFailure: boolean;
}

export interface RetryPolicy {
  /** Attempts in all: 1 is no retry. */
  readonly maxAttempts: number;
}

export type Environment = Readonly<Record<string, Text>>;
/** By artifact name. */
export type Artifacts = Readonly<Record<string, ArtifactSpec>>;

/** What a job keeps under a name. */
export interface ArtifactSpec {
  /** Paths or glob patterns relative to the workspace. */
  readonly paths: readonly Text[];
  /** Whether the job succeeds where none of it is there. */
  readonly optional: boolean;
}

/**
 * A value of the definition: final text, or text that still refers to what only a run knows
 * (`job.*`, `secrets.*`, `WORKSPACE` …) and is completed just before its job starts.
 */
export type Text = string | DeferredText;

export interface DeferredText {
  /** Template text: known references are already replaced, literal `${` is written `$${`. */
  readonly deferred: string;
}

export function isDeferred(text: Text): text is DeferredText {
  return typeof text !== "string";
}
