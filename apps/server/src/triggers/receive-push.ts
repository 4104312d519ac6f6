import { WaybillError } from "@waybill/core";
import { refEvent, type TriggerDecision } from "@waybill/projects";
import { repositoryName } from "../runs/manual-event.ts";
import type { Services } from "../services.ts";
import { interpretEvent } from "./interpret-event.ts";

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
  /** Pipelines that the push is not to start. */
  readonly skipped: readonly Omit<PushProblem, "code">[];
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
 * Starts the pipelines of a repository, in those of `projects`, that each branch and tag that was pushed is to start.
 * @throws WaybillError `GIT_ADDRESS_INVALID`, `API_NOT_FOUND` where none of them has the repository
 */
export async function receivePush(
  { records, mirrors, triggers }: Services,
  repositoryUrl: string,
  updates: readonly RefUpdate[],
  projects: ReadonlySet<string> | "all",
): Promise<PushOutcome> {
  const url = mirrors.address(repositoryUrl);
  const known = await records.repositories.withUrl(url);
  const repositories = known.filter(({ projectId }) => projects === "all" || projects.has(projectId));
  if (repositories.length === 0) throw new WaybillError("API_NOT_FOUND", { kind: "repository", id: repositoryUrl });
  const decisions: TriggerDecision[] = [];
  for (const { old: before, new: after, ref } of updates) {
    const { events } = refEvent({
      source: "git",
      repository: { name: repositoryName(url), urls: [url] },
      actor: "",
      ref,
      before,
      after,
      commit: null,
    });
    for (const event of events) {
      for (const repository of repositories) {
        decisions.push(...(await interpretEvent(triggers.interpretation, repository, event, null)));
        triggers.pushed(repository.id);
      }
    }
  }
  return outcomeOf(decisions);
}

function outcomeOf(decisions: readonly TriggerDecision[]): PushOutcome {
  return {
    runs: decisions.flatMap(({ pipelineId, pipeline, runId, runNumber }) =>
      runId === null || runNumber === null ? [] : [{ id: runId, number: runNumber, pipeline_id: pipelineId, pipeline }],
    ),
    problems: decisions.flatMap(({ pipeline, ref, code, reason }) =>
      code === null ? [] : [{ pipeline, ref: ref ?? "", code, detail: reason }],
    ),
    skipped: decisions.flatMap(({ outcome, pipeline, ref, reason }) =>
      outcome === "skipped" ? [{ pipeline, ref: ref ?? "", detail: reason }] : [],
    ),
  };
}
