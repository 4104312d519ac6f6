import { WaybillError } from "@waybill/core";
import { isSettled, selectJobs, type EnqueueRequest, type RunInput, type RunRecord } from "@waybill/engine";
import type { PipelineDefinition } from "@waybill/pipeline";
import type { Services } from "../services.ts";
import { rerunBy } from "./authors.ts";
import type { RepeatedRun } from "./run-intake.ts";

export interface RerunRequest {
  /** `failed`: what did not succeed; the rest is taken from the earlier run. */
  readonly only: "all" | "failed";
  /** These run anew; what they need is taken from the earlier run where it succeeded there. Null: every job. */
  readonly jobs: readonly string[] | null;
  /** Over those of the earlier run. With any, nothing is taken from it: it was made with other values. */
  readonly variables: Readonly<Record<string, RunInput>>;
  /** Who asks for it, as the audit log names them. */
  readonly by: string;
}

/**
 * Runs the commit of an earlier run again, with the definition it had.
 *
 * @throws WaybillError `RUN_NOT_OVER`, `RUN_NOT_REPEATABLE`, `RUN_NOTHING_FAILED`, `RUN_UNKNOWN_JOB`, or what
 *   `RunService.trigger` says
 */
export async function rerun(
  services: Services,
  run: RunRecord,
  request: RerunRequest,
  alongside?: RepeatedRun["alongside"],
): Promise<RunRecord> {
  const { store, records, runs } = services;
  if (!isSettled(run.status)) throw new WaybillError("RUN_NOT_OVER", { run: run.number, status: run.status });
  const [origin, definition] = await Promise.all([store.origin(run.id), store.definition(run.id)]);
  const pipeline = origin === null ? null : await records.pipelines.find(origin.pipelineId);
  if (origin === null || definition === null || pipeline === null) {
    throw new WaybillError("RUN_NOT_REPEATABLE", {
      run: run.number,
      problem: "it is none of a pipeline of this server",
    });
  }
  const isChanged = Object.keys(request.variables).length > 0;
  const { jobs, reused } = await choose(services, run, definition, { ...request, isChanged });
  return await runs.repeat({
    pipeline,
    origin: {
      ...origin,
      triggerEvent: { ...origin.triggerEvent, ...rerunBy(request.by) },
      inputs: { ...origin.inputs, ...request.variables },
      rerunOf: run.id,
    },
    trigger: run.trigger,
    // Texts may hold the values that have changed.
    definition: isChanged ? null : definition,
    jobs,
    reused,
    alongside,
  });
}

interface Choice {
  readonly jobs: readonly string[] | null;
  readonly reused: NonNullable<EnqueueRequest["reused"]>;
}

async function choose(
  { store }: Services,
  run: RunRecord,
  definition: PipelineDefinition,
  { only, jobs: wanted, isChanged }: RerunRequest & { readonly isChanged: boolean },
): Promise<Choice> {
  const earlier = new Map((await store.jobs(run.id)).map((job) => [job.name, job]));
  const hasSucceeded = (name: string): boolean => earlier.get(name)?.status === "success";
  // A run that left jobs out is repeated without them.
  const scope = wanted ?? [...earlier.keys()];
  if (wanted === null && only === "all") return { jobs: scope, reused: new Map() };
  const isWanted = new Set(only === "failed" ? scope.filter((name) => !hasSucceeded(name)) : wanted);
  if (isWanted.size === 0) throw new WaybillError("RUN_NOTHING_FAILED", { run: run.number });
  const jobs = selectJobs(definition, [...isWanted]);
  if (isChanged) return { jobs, reused: new Map() };
  const runsAnew = new Map<string, boolean>();
  const mustRun = (name: string): boolean => runsAnew.get(name) ?? false;
  for (const name of inOrder(definition, jobs)) {
    const before = definition.jobs.get(name)?.dependsOn ?? [];
    runsAnew.set(name, isWanted.has(name) || !hasSucceeded(name) || before.some(mustRun));
  }
  const artifacts = Map.groupBy(await store.artifacts(run.id), ({ jobId }) => jobId);
  const reused: [string, NonNullable<ReturnType<Choice["reused"]["get"]>>][] = [];
  for (const name of jobs) {
    const job = earlier.get(name);
    if (job === undefined || mustRun(name)) continue;
    const saved = (artifacts.get(job.id) ?? []).map((each) => ({ ...each, jobName: name }));
    reused.push([name, { message: `taken from run ${run.number}`, outputs: job.outputs, artifacts: saved }]);
  }
  return { jobs, reused: new Map(reused) };
}

/** Each behind those it depends on. */
function inOrder(definition: PipelineDefinition, names: readonly string[]): readonly string[] {
  const wanted = new Set(names);
  const sorted = new Set<string>();
  const open = [...names];
  for (let name = open.at(-1); name !== undefined; name = open.at(-1)) {
    const before = definition.jobs.get(name)?.dependsOn ?? [];
    const missing = before.filter((each) => wanted.has(each) && !sorted.has(each));
    if (missing.length > 0) open.push(...missing);
    else sorted.add(open.pop() ?? "");
  }
  return [...sorted];
}
