import { WaybillError } from "@waybill/core";
import type { Pipeline } from "@waybill/projects";
import type { Services } from "../services.ts";

/** One line of a post-receive hook. */
export interface RefUpdate {
  readonly old: string;
  readonly new: string;
  readonly ref: string;
}

export interface PushOutcome {
  readonly runs: readonly StartedRun[];
  /** Why a pipeline has no run: the push itself is done, so nothing is undone. */
  readonly problems: readonly PushProblem[];
}

export interface StartedRun {
  readonly id: string;
  readonly number: number;
  readonly pipeline_id: string;
  readonly pipeline: string;
}

export interface PushProblem {
  readonly pipeline: string;
  readonly ref: string;
  readonly code: string;
  readonly detail: string;
}

/**
 * Starts the pipelines of a repository for each branch and tag that was pushed, in those of `projects`.
 * @throws WaybillError `GIT_ADDRESS_INVALID`, `API_NOT_FOUND` where none of them has the repository
 */
export async function receivePush(
  services: Services,
  repositoryUrl: string,
  updates: readonly RefUpdate[],
  projects: ReadonlySet<string> | "all",
): Promise<PushOutcome> {
  const { records, mirrors } = services;
  const known = await records.repositories.withUrl(mirrors.address(repositoryUrl));
  const repositories = known.filter(({ projectId }) => projects === "all" || projects.has(projectId));
  if (repositories.length === 0) throw new WaybillError("API_NOT_FOUND", { kind: "repository", id: repositoryUrl });
  const pipelines = (await Promise.all(repositories.map(({ id }) => records.pipelines.ofRepository(id)))).flat();
  const runs: StartedRun[] = [];
  const problems: PushProblem[] = [];
  for (const update of updates.filter(startsRuns)) {
    for (const pipeline of pipelines) {
      const started = await startRun(services, pipeline, update);
      if ("code" in started) problems.push(started);
      else runs.push(started);
    }
  }
  return { runs, problems };
}

/** A ref that was removed has nothing to run. */
function startsRuns({ ref, new: sha }: RefUpdate): boolean {
  return /^refs\/(?:heads|tags)\/./.test(ref) && !/^0+$/.test(sha);
}

async function startRun(
  { runs }: Services,
  pipeline: Pipeline,
  { old, new: sha, ref }: RefUpdate,
): Promise<StartedRun | PushProblem> {
  try {
    const trigger = ref.startsWith("refs/tags/") ? "tag" : "push";
    const event = { type: trigger, ref, before: /^0+$/.test(old) ? null : old, after: sha };
    const { id, number } = await runs.trigger({ pipeline, ref, sha, isAnnounced: true, trigger, event, inputs: {} });
    return { id, number, pipeline_id: pipeline.id, pipeline: pipeline.name };
  } catch (error) {
    if (!(error instanceof WaybillError) || error.code === "API_SHUTTING_DOWN") throw error;
    return { pipeline: pipeline.name, ref, code: error.code, detail: error.message };
  }
}
