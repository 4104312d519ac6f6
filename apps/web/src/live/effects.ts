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
  "run.started": (event, id) => ({ patches: [runPatch(event, id)], stale: [keys.runs, keys.jobs(id)] }),
  "run.resumed": (event, id) => ({ patches: [runPatch(event, id)], stale: [keys.run(id)] }),
  "run.finished": (event, id) => ({ patches: [runPatch(event, id)], stale: [keys.runs, keys.run(id), keys.approvals] }),
  "job.held": (_, id) => ({ patches: [], stale: [keys.jobs(id), [...keys.run(id), "explanation"], keys.approvals] }),
  "job.released": (_, id) => ({
    patches: [],
    stale: [keys.jobs(id), [...keys.run(id), "explanation"], keys.approvals],
  }),
  "job.started": (event, id) => ({ patches: [jobPatch(event, id)], stale: [keys.timeline(id)] }),
  "job.retry": (event, id) => ({ patches: [jobPatch(event, id)], stale: [keys.jobs(id), keys.timeline(id)] }),
  "job.finished": (event, id) => ({
    patches: [jobPatch(event, id)],
    stale: [
      keys.jobs(id),
      [...keys.run(id), "explanation"],
      [...keys.run(id), "problems"],
      keys.timeline(id),
      keys.runArtifacts(id),
    ],
  }),
  "step.started": (event, id) => ({ patches: [jobPatch(event, id)], stale: [] }),
  "step.finished": (event, id) => ({ patches: [jobPatch(event, id)], stale: [keys.timeline(id)] }),
};

type ServerRule = (event: LiveEvent) => readonly QueryKey[];

/** Keys below this one are of all projects where an event names none. */
function ofProject(of: (projectId: string) => QueryKey): ServerRule {
  return ({ data: { project_id } }) => [typeof project_id === "string" ? of(project_id) : of("").slice(0, 1)];
}

const approvalRule: ServerRule = ({ data: { run_id } }) => [
  keys.approvals,
  ...(typeof run_id === "string" ? [keys.runApprovals(run_id), keys.jobs(run_id)] : []),
];

const artifactRule: ServerRule = () => [keys.artifacts, keys.storage];

/** Events that are of no run's order: they name what changed, and it is read again. */
const SERVER_RULES: Readonly<Record<string, ServerRule>> = {
  "approval.requested": approvalRule,
  "approval.decided": approvalRule,
  "approval.expired": approvalRule,
  "artifact.stored": artifactRule,
  "artifact.removed": artifactRule,
  "artifact.quarantined": artifactRule,
  "environment.changed": ofProject(keys.environments),
  "secret.changed": ofProject(keys.secrets),
  // Somebody's role changed: perhaps one's own, and with it what one may do.
  "member.changed": (event) => [...ofProject(keys.members)(event), keys.me],
};

const NOTHING: Effect = { patches: [], stale: [] };

export function effectOf(event: LiveEvent): Effect {
  const serverRule = Object.hasOwn(SERVER_RULES, event.kind) ? SERVER_RULES[event.kind] : undefined;
  if (serverRule !== undefined) return { patches: [], stale: serverRule(event) };
  const rule = Object.hasOwn(RULES, event.kind) ? RULES[event.kind] : undefined;
  const { run } = event.data;
  return rule === undefined || typeof run !== "string" ? NOTHING : rule(event, run);
}

/** Kinds that the table knows. */
export const KNOWN_KINDS: readonly string[] = [...Object.keys(RULES), ...Object.keys(SERVER_RULES)];
