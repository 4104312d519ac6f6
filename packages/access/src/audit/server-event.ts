import type { NewServerEvent } from "@waybill/core";
import type { AuditAction } from "./actions.ts";
import type { NewAuditEntry } from "./entry.ts";

type Teller = (entry: NewAuditEntry, about: About) => NewServerEvent;

/** What every event takes over from an entry. */
interface About {
  readonly time: number;
  readonly projectId: string | null;
  /** Of the entry's resource, without its type. */
  readonly id: string;
}

function approvalOf({ context }: NewAuditEntry, { id }: About): Readonly<Record<ApprovalField, string>> {
  return { approval_id: id, kind: textOf(context["kind"]), environment: textOf(context["environment"]) };
}

type ApprovalField = "approval_id" | "kind" | "environment";

const decided =
  (verdict: "approve" | "reject" | "cancel"): Teller =>
  (entry, about) => ({
    ...placeOf(about),
    runId: textOf(entry.context["run_id"]),
    type: "approval.decided",
    fields: {
      ...approvalOf(entry, about),
      verdict,
      status: verdict === "cancel" ? "cancelled" : textOf(entry.context["status"]),
    },
  });

const secret =
  (change: "created" | "changed" | "removed"): Teller =>
  ({ context }, about) => ({
    ...placeOf(about),
    type: "secret.changed",
    fields: {
      name: about.id,
      environment: textOf(context["environment"]),
      branch: textOf(context["branch"]),
      change,
    },
  });

const environment =
  (change: "created" | "changed" | "removed"): Teller =>
  (_entry, about) => ({ ...placeOf(about), type: "environment.changed", fields: { name: about.id, change } });

/** What people follow of what is audited. The rest is for auditors alone. */
const TELLERS: Partial<Readonly<Record<AuditAction, Teller>>> = {
  PROJECT_CREATED: ({ context }, about) => ({
    ...placeOf(about),
    type: "project.created",
    fields: { name: textOf(context["name"]) },
  }),
  PROJECT_CHANGED: ({ context }, about) => ({
    ...placeOf(about),
    type: "project.changed",
    fields: { name: textOf(context["name"]) },
  }),
  // The entry is of no project, as that is gone; those who follow it know it still.
  PROJECT_REMOVED: ({ context }, { time, id }) => ({
    ...{ time, projectId: id },
    type: "project.removed",
    fields: { name: textOf(context["name"]) },
  }),
  PIPELINE_CREATED: ({ context }, about) => ({
    ...{ ...placeOf(about), pipelineId: about.id },
    type: "pipeline.created",
    fields: { name: textOf(context["name"]) },
  }),
  PIPELINE_CHANGED: ({ context }, about) => ({
    ...{ ...placeOf(about), pipelineId: about.id },
    type: "pipeline.changed",
    fields: { changed: Object.keys(context).toSorted() },
  }),
  PIPELINE_REMOVED: ({ context }, about) => ({
    ...{ ...placeOf(about), pipelineId: about.id },
    type: "pipeline.removed",
    fields: { name: textOf(context["name"]) },
  }),
  APPROVAL_REQUESTED: (entry, about) => ({
    ...{ ...placeOf(about), runId: textOf(entry.context["run_id"]) },
    type: "approval.requested",
    fields: approvalOf(entry, about),
  }),
  APPROVAL_GRANTED: decided("approve"),
  APPROVAL_REJECTED: decided("reject"),
  APPROVAL_CANCELLED: decided("cancel"),
  APPROVAL_EXPIRED: (entry, about) => ({
    ...{ ...placeOf(about), runId: textOf(entry.context["run_id"]) },
    type: "approval.expired",
    fields: approvalOf(entry, about),
  }),
  SECRET_CREATED: secret("created"),
  SECRET_CHANGED: secret("changed"),
  SECRET_REMOVED: secret("removed"),
  ENVIRONMENT_CREATED: environment("created"),
  ENVIRONMENT_CHANGED: environment("changed"),
  ENVIRONMENT_REMOVED: environment("removed"),
  ROLE_GRANTED: ({ context }, about) => ({
    ...placeOf(about),
    type: "member.changed",
    fields: { user: about.id, role: textOf(context["role"]) },
  }),
  ROLE_REVOKED: (_entry, about) => ({
    ...placeOf(about),
    type: "member.changed",
    fields: { user: about.id, role: null },
  }),
};

/**
 * What those who follow a project are told of a change: made of its entry in the audit log, so that nothing that changes
 * one of these things can be audited and not told. Null: it is nothing to follow.
 */
export function serverEventOf(entry: NewAuditEntry): NewServerEvent | null {
  const { time, projectId, resource, action } = entry;
  const id = resource.slice(resource.indexOf(":") + 1);
  return TELLERS[action]?.(entry, { time, projectId, id }) ?? null;
}

function placeOf({ time, projectId }: About): Pick<About, "time" | "projectId"> {
  return { time, projectId };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
