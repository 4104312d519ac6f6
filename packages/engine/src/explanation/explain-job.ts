import type { PipelineJob } from "@waybill/pipeline";
import type { JobRecord } from "../ports/run-store.ts";
import type { Reason } from "../statuses.ts";
import { attemptsOf } from "./attempts.ts";
import type {
  AttemptExplanation,
  ExitExplanation,
  FailureExplanation,
  JobExplanation,
  RetryRuleExplanation,
  Rule,
  StepExplanation,
  TimeOuts,
  TriggerExplanation,
} from "./explanation.ts";
import { causeText, endMeaning, endRemedy, retryRuleText } from "./failure-texts.ts";
import { rulesOf } from "./rules.ts";
import type { StoredRun } from "./stored-run.ts";

/**
 * Says why a job ran, waits, was skipped or failed. Pure; linear in what is stored.
 *
 * @param name - of a job of the definition, whether or not the run has it
 * @returns null: the pipeline has no such job
 */
export function explainJob(stored: StoredRun, name: string): JobExplanation | null {
  const job = stored.definition.jobs.get(name);
  if (job === undefined) return null;
  const record = stored.jobs.get(name) ?? null;
  const rules = rulesOf(stored, job, record);
  const attempts = attemptsOf(name, stored.events);
  const failed = failedStep(attempts);
  const exit = exitOf(failed);
  return {
    run: stored.run.number,
    run_status: stored.run.status,
    trigger: triggerOf(stored),
    job: name,
    status: record?.status ?? null,
    reason: record?.reason ?? null,
    summary: summaryOf(record, rules, attempts),
    rules,
    attempts,
    time_outs: timeOutsOf(stored, job, record?.reason ?? null),
    exit,
    failure: record?.status === "success" ? null : failureOf(attempts),
    retries: record?.status === "success" ? [] : retriesOf(name, attempts, failed),
    remedy: remedyOf(stored, job, record, failed),
  };
}

function triggerOf({ run, origin = null }: StoredRun): TriggerExplanation {
  const text = (name: string): string | null => {
    const value = origin?.triggerEvent[name];
    return typeof value === "string" && value !== "" ? value : null;
  };
  return {
    event: run.trigger,
    ref: origin?.gitRef ?? null,
    sha: origin?.gitSha ?? null,
    actor: text("actor"),
    reason: text("reason"),
    rerun_of: origin?.rerunOf ?? null,
  };
}

/** The step that failed last in the last attempt. */
function failedStep(attempts: readonly AttemptExplanation[]): StepExplanation | null {
  return attempts.at(-1)?.steps.findLast(({ status }) => status === "failed" || status === "cancelled") ?? null;
}

function exitOf(step: StepExplanation | null): ExitExplanation | null {
  if (step === null) return null;
  const { exit_code, signal } = step;
  return { step: step.step, exit_code, signal, meaning: endMeaning(step) };
}

function failureOf(attempts: readonly AttemptExplanation[]): FailureExplanation | null {
  const last = attempts.at(-1);
  if (last === undefined) return null;
  // A step that is tried again in an attempt that goes on has failed too.
  const { category, cause, service } = last.category === null ? (last.steps.at(-1) ?? last) : last;
  if (category === null || cause === null) return null;
  return { category, cause, service, text: causeText(cause) };
}

function retriesOf(
  job: string,
  attempts: readonly AttemptExplanation[],
  step: StepExplanation | null,
): readonly RetryRuleExplanation[] {
  const rules: RetryRuleExplanation[] = [];
  const add = (of: "step" | "job", name: string, rule: RetryRuleExplanation["rule"] | null): void => {
    if (rule === null) return;
    const again = rule === "named" || rule === "any_failure";
    rules.push({ of, name, rule, again, text: retryRuleText(rule) });
  };
  if (step !== null) add("step", step.step, step.retry_rule);
  add("job", job, attempts.at(-1)?.retry_rule ?? null);
  return rules;
}

function summaryOf(record: JobRecord | null, rules: readonly Rule[], attempts: readonly AttemptExplanation[]): string {
  if (record === null) return "is no part of this run";
  switch (record.status) {
    case "success":
      if (record.attempts === 0) return `did not run again: ${record.message}`;
      return record.attempts === 1 ? "succeeded" : `succeeded at attempt ${record.attempts}`;
    case "failed": {
      const after = record.attempts > 1 ? ` after ${record.attempts} attempts` : "";
      return `failed${after}: ${record.message}`;
    }
    case "cancelled":
      return `${record.reason === "condition_false" ? "was skipped" : "was cancelled"}: ${record.message}`;
    case "running":
      return `runs, attempt ${record.attempts}`;
    case "retry":
      return `waits for its next attempt, due at ${attempts.at(-1)?.retry?.due_at ?? "any time"}`;
    case "pending": {
      if (record.reason === "held") return `is held: ${record.message}`;
      const waiting = rules.filter(({ rule, outcome }) => rule === "dependency" && outcome === "waiting");
      const names = waiting.flatMap((rule) => (rule.rule === "dependency" ? [rule.job] : []));
      return names.length > 0 ? `waits for ${names.join(", ")}` : "waits for a free slot";
    }
  }
}

function timeOutsOf({ definition }: StoredRun, job: PipelineJob, reason: Reason | null): TimeOuts {
  const ranOut = { step_timeout: "step", job_timeout: "job", pipeline_timeout: "pipeline" } as const;
  return {
    pipeline: definition.timeout,
    job: job.timeout,
    steps: Object.fromEntries(job.steps.map((step) => [step.name, step.timeout])),
    ran_out: reason !== null && Object.hasOwn(ranOut, reason) ? ranOut[reason as keyof typeof ranOut] : null,
  };
}

type TellsItself = "step_failed" | "dependency_failed" | "held" | "refused";

const REMEDIES: Readonly<Record<Exclude<Reason, TellsItself>, string>> = {
  step_timeout: "Find out what the step waits for, or raise its `timeout`.",
  job_timeout: "Find out which step takes so long, or raise the job's `timeout`.",
  pipeline_timeout: "Find out which jobs take so long, or raise the pipeline's `timeout`.",
  setup_failed: "Correct what the message names; the job's script has not begun.",
  outputs_invalid: "Correct what the step writes to the file that WAYBILL_OUTPUT names.",
  artifacts_failed: "Correct the paths of `artifacts`, or let the job make the files they name.",
  log_failed: "Check the space on the disk and the permissions of the .waybill directory.",
  condition_error: "Give every variable of the condition a value, or write a default: `${NAME:-value}`.",
  execution_lost: "Find out what ended its processes: a restart of the machine, or no memory left. Then run it again.",
  condition_false: "Nothing, if it was meant so; else change the condition or a variable it asks for.",
  superseded: "Nothing: look at the newer run.",
  user: "Run it again, if it was cancelled by mistake.",
};

function remedyOf(
  stored: StoredRun,
  job: PipelineJob,
  record: JobRecord | null,
  failed: StepExplanation | null,
): string {
  if (record === null) return "Ask for it with --job, or run the whole pipeline.";
  const { reason } = record;
  if (reason === null) return "";
  if (reason === "step_failed") return failed === null ? "" : endRemedy(failed, isNobodyInContainer(stored, job));
  if (reason === "held" || reason === "refused") return gateRemedy(stored, record.name);
  if (reason !== "dependency_failed") return REMEDIES[reason];
  const causes = rootCauses(stored, record.name);
  return causes.length === 0 ? "" : `Look at what it begins with: ${causes.join(", ")}.`;
}

/** What stood before the job knows best. */
function gateRemedy({ events }: StoredRun, name: string): string {
  const told = events.findLast(({ event }) => "remedy" in event && event.job === name)?.event;
  return told !== undefined && "remedy" in told ? (told.remedy ?? "") : "";
}

function isNobodyInContainer({ events }: StoredRun, job: PipelineJob): boolean {
  const started = events.findLast(({ event }) => event.type === "job.started" && event.job === job.name);
  const executor = started?.event.type === "job.started" ? started.event.executor : "";
  return runsAsNobody(executor, job);
}

/** Whether the executor runs a job's steps in a container, as a user that is not root. */
export function runsAsNobody(executor: string, { place }: PipelineJob): boolean {
  return executor === "docker" && place.isolation.user === "default";
}

/** The jobs before this one that ended badly by themselves, in the order of the file. */
function rootCauses(stored: StoredRun, name: string): readonly string[] {
  const before = new Set([name]);
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const dependency of stored.definition.jobs.get(next)?.dependsOn ?? []) {
      if (before.has(dependency)) continue;
      before.add(dependency);
      open.push(dependency);
    }
  }
  before.delete(name);
  return [...stored.jobs.values()]
    .filter((job) => before.has(job.name) && (job.status === "failed" || job.status === "cancelled"))
    .filter((job) => job.reason !== "dependency_failed")
    .map((job) => job.name);
}
