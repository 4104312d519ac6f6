import { WaybillError } from "@waybill/core";
import type { JobRecord, RunStore, StepRecord } from "@waybill/engine";
import { hintFor } from "../../text/hint.ts";

/** A job whose log is asked for. */
export interface SelectedJob {
  readonly job: JobRecord;
  /** Names of its steps by position. */
  readonly names: ReadonlyMap<number, string>;
  /** Positions of the steps that are asked for. */
  readonly wanted: ReadonlySet<number>;
}

/**
 * @param jobName - undefined: all jobs
 * @param step - its name, or its number from 1; undefined: all steps
 * @throws WaybillError `CLI_UNKNOWN_JOB`, `CLI_UNKNOWN_STEP`
 */
export async function selectLogs(
  store: Pick<RunStore, "jobs" | "steps">,
  run: { readonly id: string; readonly number: number },
  jobName: string | undefined,
  step: string | undefined,
): Promise<readonly SelectedJob[]> {
  const jobs = await chooseJobs(store, run, jobName);
  const steps = Map.groupBy(await store.steps(run.id), ({ jobId }) => jobId);
  const selected = jobs.map((job) => ({ job, ...chooseSteps(steps.get(job.id) ?? [], step) }));
  if (step !== undefined && selected.every(({ wanted }) => wanted.size === 0)) {
    throw unknownStep(
      step,
      jobs.flatMap((job) => steps.get(job.id) ?? []),
    );
  }
  return selected;
}

async function chooseJobs(
  store: Pick<RunStore, "jobs" | "steps">,
  run: { readonly id: string; readonly number: number },
  name: string | undefined,
): Promise<readonly JobRecord[]> {
  const jobs = await store.jobs(run.id);
  if (name === undefined) return jobs;
  const job = jobs.find((candidate) => candidate.name === name);
  if (job !== undefined) return [job];
  const hint = hintFor(
    name,
    jobs.map((candidate) => candidate.name),
    "jobs",
  );
  throw new WaybillError("CLI_UNKNOWN_JOB", { run: run.number, job: name, hint });
}

function chooseSteps(steps: readonly StepRecord[], asked: string | undefined): Omit<SelectedJob, "job"> {
  const names = new Map(steps.map((step) => [step.position, step.name]));
  const byName = steps.filter((step) => step.name === asked);
  const matching =
    asked === undefined
      ? steps
      : byName.length > 0
        ? byName
        : steps.filter((step) => String(step.position + 1) === asked);
  return { names, wanted: new Set(matching.map((step) => step.position)) };
}

function unknownStep(asked: string, steps: readonly StepRecord[]): WaybillError {
  return new WaybillError("CLI_UNKNOWN_STEP", {
    step: asked,
    hint: hintFor(asked, new Set(steps.map((step) => step.name)), "steps"),
  });
}
