import { WaybillError } from "@waybill/core";
import type { Mirror } from "@waybill/git";
import {
  gitRefOf,
  matches,
  needsApproval,
  needsChangedPaths,
  repositoryKey,
  type Decision,
  type ForkPolicy,
  type Pipeline,
  type ProjectRecords,
  type Repository,
  type TriggerDecision,
  type TriggerEvent,
} from "@waybill/projects";
import type { PipelineDefinition } from "@waybill/pipeline";
import { repositoryName } from "../runs/manual-event.ts";
import { asInputs } from "../runs/run-cause.ts";
import type { RunService } from "../runs/run-service.ts";
import type { ProjectMirrors } from "./project-mirrors.ts";

export interface InterpretationContext {
  readonly records: ProjectRecords;
  readonly mirrors: ProjectMirrors;
  readonly runs: RunService;
  readonly forkPolicy: ForkPolicy;
}

/**
 * Starts the pipelines of a repository that an event is to start, and says of each why, or why not.
 *
 * @param runIdOf the id of a pipeline's run, where the same event may come again; null: it does not
 * @throws WaybillError `API_SHUTTING_DOWN`; what goes wrong with one pipeline is its decision
 */
export async function interpretEvent(
  context: InterpretationContext,
  repository: Repository,
  event: TriggerEvent,
  runIdOf: ((pipelineId: string) => string) | null,
): Promise<readonly TriggerDecision[]> {
  const decisions: TriggerDecision[] = [];
  for (const pipeline of await context.records.pipelines.ofRepository(repository.id)) {
    decisions.push(await decisionOf(context, repository, pipeline, event, runIdOf?.(pipeline.id)));
  }
  return decisions;
}

async function decisionOf(
  context: InterpretationContext,
  repository: Repository,
  pipeline: Pipeline,
  event: TriggerEvent,
  runId: string | undefined,
): Promise<TriggerDecision> {
  const ref = gitRefOf(event);
  const common = { pipelineId: pipeline.id, pipeline: pipeline.name, ref };
  const noRun = { runId: null, runNumber: null };
  if (event.kind === "deletion") {
    return { ...common, ...noRun, outcome: "skipped", reason: matches([], event, null).reason, code: null };
  }
  const mirror = context.mirrors.of(repository);
  try {
    const { run, reason } = await context.runs.triggerIf({
      ...(runId === undefined ? {} : { id: runId }),
      pipeline,
      ref: ref ?? repository.defaultBranch,
      sha: event.kind === "cron" ? null : event.sha,
      // A request for a run says what somebody wants, not what is.
      isAnnounced: event.kind === "push" || event.kind === "tag" || event.kind === "pull_request",
      trigger: event.kind,
      event: {},
      cause: event,
      inputs: event.kind === "webhook" ? asInputs(scalars(event.inputs)) : {},
      needsApproval: needsApproval(event, context.forkPolicy).isNeeded,
      decide: (definition, sha) => decide(mirror, repository, definition, event, sha),
    });
    if (run === null) return { ...common, ...noRun, outcome: "skipped", reason, code: null };
    return { ...common, outcome: "started", reason, code: null, runId: run.id, runNumber: run.number };
  } catch (error) {
    if (!(error instanceof WaybillError) || error.code === "API_SHUTTING_DOWN") throw error;
    return { ...common, ...noRun, outcome: "failed", reason: error.message, code: error.code };
  }
}

async function decide(
  mirror: Mirror,
  repository: Repository,
  definition: PipelineDefinition,
  event: TriggerEvent,
  sha: string,
): Promise<Decision> {
  const isAsked = needsChangedPaths(definition.triggers, event);
  return matches(definition.triggers, event, isAsked ? await changedPaths(mirror, repository, event, sha) : null);
}

/** Null where it cannot be told. Of a branch that is new, what it has changed since it left the default branch. */
async function changedPaths(
  mirror: Mirror,
  { defaultBranch }: Repository,
  event: TriggerEvent,
  sha: string,
): Promise<readonly string[] | null> {
  if (event.kind === "push" && event.before !== null) {
    const before = await mirror.resolve(event.before);
    return before === null ? null : await mirror.changedPaths(before, sha);
  }
  const isOfDefault = event.kind === "push" && event.branch === defaultBranch;
  const target =
    event.kind === "pull_request"
      ? (event.baseSha ?? `refs/heads/${event.targetBranch}`)
      : isOfDefault
        ? null
        : `refs/heads/${defaultBranch}`;
  const commit = target === null ? null : await mirror.resolve(target);
  const base = commit === null ? null : await mirror.mergeBase(commit, sha);
  return base === null ? null : await mirror.changedPaths(base, sha);
}

function scalars(inputs: Readonly<Record<string, unknown>>): Readonly<Record<string, string | number | boolean>> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? [[name, value]] : [],
    ),
  );
}

/** Whether an event is about the repository of this address: one that is known by another says so in its webhook's settings. */
export function isAbout({ repository: { name, urls } }: TriggerEvent, address: string): boolean {
  const key = repositoryKey(address);
  if (urls.length > 0) return urls.some((url) => url === address || (key !== null && repositoryKey(url) === key));
  return name.toLowerCase() === repositoryName(address).toLowerCase();
}
