import type { QueryKey } from "@tanstack/react-query";
import type { Job, RunDetails, Step } from "../api/generated/operations.ts";
import { keys } from "../api/keys.ts";
import type { JobList } from "../api/queries/runs.ts";
import type { LiveEvent } from "./live-event.ts";

/** A change of one cached thing; where it is not cached there is nothing to change. */
export interface Patch {
  readonly key: QueryKey;
  readonly change: (cached: unknown) => unknown;
}

export function runPatch({ kind, data }: LiveEvent, runId: string): Patch {
  const time = textOf(data["time"]);
  return {
    key: keys.runDetails(runId),
    change: (cached) => {
      const run = cached as RunDetails;
      if (kind !== "run.finished") return { ...run, status: "running", started_at: run.started_at ?? time };
      return { ...run, status: data["status"], reason: data["reason"] ?? null, finished_at: time };
    },
  };
}

/** Of events of jobs and their steps. */
export function jobPatch(event: LiveEvent, runId: string): Patch {
  const name = event.data["job"];
  return {
    key: keys.jobs(runId),
    change: (cached) => {
      const list = cached as JobList;
      return { items: list.items.map((job) => (job.name === name ? patchedJob(job, event) : job)) };
    },
  };
}

function patchedJob(job: Job, { kind, data }: LiveEvent): Job {
  const time = textOf(data["time"]);
  switch (kind) {
    case "job.started":
      return {
        ...job,
        status: "running",
        attempts: numberOf(data["attempt"]) ?? job.attempts,
        started_at: job.started_at ?? time,
        finished_at: null,
      };
    case "job.retry":
      return { ...job, status: "retry", message: textOf(data["message"]) ?? job.message };
    case "job.finished":
      return {
        ...job,
        status: data["status"] as Job["status"],
        reason: textOf(data["reason"]),
        message: textOf(data["message"]) ?? "",
        attempts: numberOf(data["attempts"]) ?? job.attempts,
        finished_at: time,
      };
    default:
      return { ...job, steps: patchedSteps(job.steps, kind, data, time) };
  }
}

function patchedSteps(
  steps: readonly Step[],
  kind: string,
  data: LiveEvent["data"],
  time: string | null,
): readonly Step[] {
  const isStart = kind === "step.started";
  // Several steps may have one name: the first that is still to begin, or the one that runs.
  const named = steps.filter(({ name }) => name === data["step"]);
  const target = isStart
    ? (named.find(({ status }) => status === "pending") ?? named[0])
    : (named.find(({ status }) => status === "running") ?? named.at(-1));
  return steps.map((step) => {
    if (step !== target) return step;
    if (isStart) return { ...step, status: "running", started_at: time, finished_at: null, exit_code: null };
    const status = data["status"] as Step["status"];
    return { ...step, status, exit_code: numberOf(data["exit_code"]), finished_at: time };
  });
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
