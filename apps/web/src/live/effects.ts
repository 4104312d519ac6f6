import type { QueryKey } from "@tanstack/react-query";
import { keys } from "../api/keys.ts";
import type { LiveEvent } from "./live-event.ts";
import { jobPatch, runPatch, type Patch } from "./patches.ts";

/** What an event changes of what is cached. */
export interface Effect {
  /** Applied at once: all that the event itself says. */
  readonly patches: readonly Patch[];
  /** Read again, soon and together, where somebody looks at it: what the event does not say. */
  readonly stale: readonly QueryKey[];
}

type Rule = (event: LiveEvent, runId: string) => Effect;

/**
 * Kinds of events, and what each changes. A new kind is a line here; `README.md` says how. Kinds that are not in the
 * table change nothing that is shown.
 */
const RULES: Readonly<Record<string, Rule>> = {
  "run.started": (event, id) => ({
    patches: [runPatch(event, id)],
    stale: [keys.runs, keys.jobs(id), ...ofPipeline(event, "hook")],
  }),
  "run.resumed": (event, id) => ({ patches: [runPatch(event, id)], stale: [keys.run(id)] }),
  "run.finished": (event, id) => ({
    patches: [runPatch(event, id)],
    stale: [keys.runs, keys.run(id), keys.approvals, keys.notifications, ...ofPipeline(event, "statistics")],
  }),
  "job.started": (event, id) => ({ patches: [jobPatch(event, id)], stale: [] }),
  "job.retry": (event, id) => ({ patches: [jobPatch(event, id)], stale: [keys.jobs(id)] }),
  "job.finished": (event, id) => ({
    patches: [jobPatch(event, id)],
    stale: [keys.jobs(id), [...keys.run(id), "explanation"], [...keys.run(id), "first-error"]],
  }),
  "job.held": (_, id) => ({ patches: [], stale: [keys.jobs(id), keys.approvals, keys.notifications] }),
  "job.released": (_, id) => ({ patches: [], stale: [keys.jobs(id), keys.approvals, keys.notifications] }),
  "step.started": (event, id) => ({ patches: [jobPatch(event, id)], stale: [] }),
  "step.finished": (event, id) => ({ patches: [jobPatch(event, id)], stale: [] }),
};

/** Of events that are about no run, what they make stale. */
const STALE_WITHOUT_RUN: Readonly<Record<string, (event: LiveEvent) => readonly QueryKey[]>> = {
  "project.created": () => [keys.projects, keys.me],
  "project.changed": () => [keys.projects],
  "project.removed": () => [keys.projects],
  "pipeline.created": () => [keys.pipelines],
  "pipeline.changed": () => [keys.pipelines],
  "pipeline.removed": () => [keys.pipelines],
  // Of a repository, which several pipelines may have.
  "delivery.received": () => [keys.pipelines],
  "delivery.interpreted": () => [keys.pipelines],
  "delivery.refused": () => [keys.pipelines],
  "approval.requested": (event) => [keys.approvals, keys.notifications, ...approvalsOfRun(event)],
  "approval.decided": (event) => [keys.approvals, keys.notifications, ...approvalsOfRun(event)],
  "approval.expired": (event) => [keys.approvals, keys.notifications, ...approvalsOfRun(event)],
  // One's own roles, too.
  "member.changed": ({ data }) => [
    keys.me,
    typeof data["project_id"] === "string" ? keys.members(data["project_id"]) : keys.projects,
  ],
};

function approvalsOfRun({ data }: LiveEvent): readonly QueryKey[] {
  return typeof data["run_id"] === "string" ? [keys.runApprovals(data["run_id"])] : [];
}

function ofPipeline({ data }: LiveEvent, what: "hook" | "statistics"): readonly QueryKey[] {
  return typeof data["pipeline_id"] === "string" ? [keys[what](data["pipeline_id"])] : [];
}

const NOTHING: Effect = { patches: [], stale: [] };

export function effectOf(event: LiveEvent): Effect {
  const stale = Object.hasOwn(STALE_WITHOUT_RUN, event.kind) ? STALE_WITHOUT_RUN[event.kind] : undefined;
  if (stale !== undefined) return { patches: [], stale: stale(event) };
  const rule = Object.hasOwn(RULES, event.kind) ? RULES[event.kind] : undefined;
  const { run } = event.data;
  return rule === undefined || typeof run !== "string" ? NOTHING : rule(event, run);
}

/** Kinds that the table knows. */
export const KNOWN_KINDS: readonly string[] = [...Object.keys(RULES), ...Object.keys(STALE_WITHOUT_RUN)];
