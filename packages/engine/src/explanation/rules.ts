import type { PipelineJob } from "@waybill/pipeline";
import type { JobRecord } from "../ports/run-store.ts";
import { isSettled } from "../statuses.ts";
import { conditionValues } from "./condition-values.ts";
import type { Rule, RuleOutcome } from "./explanation.ts";
import type { StoredRun } from "./stored-run.ts";

/** The rules a job had to meet before its first attempt, as `schedule` applies them. */
export function rulesOf(stored: StoredRun, job: PipelineJob, record: JobRecord | null): readonly Rule[] {
  const selection = selectionRule(stored, job, record);
  if (record === null) return [selection];
  const dependencies = job.dependsOn.map((name) => dependencyRule(stored, name, record));
  const open = dependencies.some(({ outcome }) => outcome !== "met");
  return [
    selection,
    ...dependencies,
    ...conditionRule(stored, job, record, open),
    ...gateRule(stored, job, record),
    ...slotRule(stored, record, open),
  ];
}

function selectionRule(stored: StoredRun, job: PipelineJob, record: JobRecord | null): Rule {
  const names = [...stored.jobs.keys()];
  if (record === null) {
    const text = `the run was asked for some jobs only: ${names.join(", ")}`;
    return { rule: "selection", outcome: "unmet", text };
  }
  if (names.length === stored.definition.jobs.size) {
    return { rule: "selection", outcome: "met", text: "the run has all jobs of the pipeline" };
  }
  const neededBy = names.filter((name) => stored.definition.jobs.get(name)?.dependsOn.includes(job.name));
  const text = neededBy.length === 0 ? "it was asked for with --job" : `needed by ${neededBy.join(", ")}`;
  return { rule: "selection", outcome: "met", text };
}

function dependencyRule(stored: StoredRun, name: string, record: JobRecord): Rule {
  const dependency = stored.jobs.get(name);
  const about = { rule: "dependency", job: name } as const;
  if (dependency === undefined) return { ...about, status: null, outcome: "met", text: "is no part of this run" };
  const { status, message } = dependency;
  const text = `${statusText(dependency)}${message === "" ? "" : `: ${message}`}`;
  const unsettled: RuleOutcome = isSettled(record.status) ? "not_reached" : "waiting";
  return { ...about, status, text, outcome: status === "success" ? "met" : isSettled(status) ? "unmet" : unsettled };
}

function statusText({ status, reason }: JobRecord): string {
  if (status === "cancelled" && reason === "condition_false") return "was skipped";
  if (status === "pending") return "has not begun";
  if (status === "running" || status === "retry") return "still runs";
  return status === "success" ? "succeeded" : `${status === "failed" ? "" : "was "}${status}`;
}

function conditionRule(stored: StoredRun, job: PipelineJob, record: JobRecord, isBlocked: boolean): readonly Rule[] {
  const { condition } = job;
  if (condition === null) return [];
  const outcome = conditionOutcome(record, isBlocked);
  const values = conditionValues(stored.definition, job, (name) => stored.jobs.get(name)?.status ?? null);
  const words: Readonly<Record<RuleOutcome, string>> = {
    met: "was true",
    unmet: record.reason === "condition_error" ? "could not be decided" : "was false",
    waiting: "will be decided when the job is due",
    not_reached: "was not looked at",
  };
  return [{ rule: "condition", condition, values, outcome, text: words[outcome] }];
}

function conditionOutcome(record: JobRecord, isBlocked: boolean): RuleOutcome {
  if (record.reason === "condition_error") return "unmet";
  // What stands before a job is asked once its condition is true.
  if (record.attempts > 0 || record.reason === "held" || record.reason === "refused") return "met";
  if (!isSettled(record.status)) return "waiting";
  return record.reason === "condition_false" && !isBlocked ? "unmet" : "not_reached";
}

function gateRule({ events }: StoredRun, { name, deploysTo }: PipelineJob, record: JobRecord): readonly Rule[] {
  const rule = { rule: "gate", environment: deploysTo } as const;
  if (record.reason === "held") return [{ ...rule, outcome: "waiting", text: record.message }];
  if (record.reason === "refused") return [{ ...rule, outcome: "unmet", text: record.message }];
  const released = events.findLast(({ event }) => event.type === "job.released" && event.job === name)?.event;
  return released?.type === "job.released" ? [{ ...rule, outcome: "met", text: released.message }] : [];
}

function slotRule(stored: StoredRun, record: JobRecord, isBlocked: boolean): readonly Rule[] {
  if (record.status !== "pending") return [];
  const running = [...stored.jobs.values()].filter(({ status }) => status === "running").map(({ name }) => name);
  if (isBlocked || record.reason === "held") {
    return [{ rule: "slot", outcome: "not_reached", running, text: "it waits for what stands above first" }];
  }
  const text =
    running.length === 0
      ? "it is due and no other job runs: the process of the run may be gone"
      : `it waits until one of the ${running.length} running jobs ends (--concurrency)`;
  return [{ rule: "slot", outcome: "waiting", running, text }];
}
