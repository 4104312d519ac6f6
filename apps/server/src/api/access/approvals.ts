import { APPROVAL_KINDS, APPROVAL_STATUSES, type ApprovalRecord } from "@waybill/access";
import * as z from "zod/mini";
import { principalOf, projectIdsOf } from "../../access/guard.ts";
import { defineRoute, type Route } from "../../http/route.ts";
import { idParams, named, optionalTime, optionalTimeOf, time, timeOf } from "../schemas.ts";

export const approval = named(
  "Approval",
  z.object({
    id: z.uuid(),
    project_id: z.uuid(),
    run_id: z.string(),
    kind: z.enum(APPROVAL_KINDS),
    subject: z.string(),
    environment: z.string(),
    digest: z.string(),
    required: z.int(),
    /** Users who may approve; empty: whoever may approve in the project. */
    approver_ids: z.array(z.string()),
    /** Users whose change it is. */
    author_ids: z.array(z.string()),
    /** Whether those may approve it themselves. */
    may_author_approve: z.boolean(),
    status: z.enum(APPROVAL_STATUSES),
    requested_by: z.string(),
    requested_at: time,
    expires_at: optionalTime,
    settled_at: optionalTime,
    decisions: z.array(
      z.object({ actor: z.string(), verdict: z.enum(["approve", "reject"]), comment: z.string(), decided_at: time }),
    ),
  }),
);

const approvals = z.object({ items: z.array(approval) });
const MAX_PENDING = 200;
const comment = z.prefault(z.string().check(z.maxLength(2000)), "");

export const approvalRoutes: readonly Route[] = [
  defineRoute({
    id: "listApprovals",
    method: "GET",
    path: "/v1/approvals",
    summary: `What waits to be approved, the oldest first, ${MAX_PENDING} at most`,
    tag: "approvals",
    access: { permission: "runs:read", on: "projects" },
    responses: { 200: { description: "Those that wait", schema: approvals } },
    async handle(request, { access }) {
      const pending = await access.approvals.pending(projectIdsOf(request) ?? null, MAX_PENDING);
      return { status: 200, body: { items: pending.map(approvalJson) } };
    },
  }),
  defineRoute({
    id: "listApprovalsOfRun",
    method: "GET",
    path: "/v1/pipeline-runs/{id}/approvals",
    summary: "What of a run waits or waited to be approved",
    tag: "approvals",
    access: { permission: "runs:read", on: "run" },
    params: idParams,
    responses: { 200: { description: "All of them", schema: approvals } },
    async handle({ params }, { access }) {
      return { status: 200, body: { items: (await access.approvals.ofRun(params.id)).map(approvalJson) } };
    },
  }),
  defineRoute({
    id: "getApproval",
    method: "GET",
    path: "/v1/approvals/{id}",
    summary: "One approval",
    tag: "approvals",
    access: { permission: "runs:read", on: "approval" },
    params: idParams,
    responses: { 200: { description: "As it is now", schema: approval } },
    async handle({ params }, { access }) {
      return { status: 200, body: approvalJson(await access.approvals.get(params.id)) };
    },
  }),
  ...(["approve", "reject"] as const).map((verdict) =>
    defineRoute({
      id: verdict,
      method: "POST",
      path: `/v1/approvals/{id}/${verdict}`,
      summary: verdict === "approve" ? "Approve what waits" : "Refuse what waits: one is enough",
      tag: "approvals",
      access: { permission: "approvals:decide", on: "approval" },
      isRepeatable: true,
      params: idParams,
      body: z.strictObject({ comment }),
      responses: { 200: { description: "As it is now", schema: approval } },
      async handle(request, { access, runs }) {
        const { params, body } = request;
        const decided = await access.approvals.decide(principalOf(request), params.id, verdict, body.comment);
        runs.decided(decided.runId);
        return { status: 200, body: approvalJson(decided) };
      },
    }),
  ),
];

export function approvalJson(of: ApprovalRecord): z.infer<typeof approval> {
  return {
    id: of.id,
    project_id: of.projectId,
    run_id: of.runId,
    kind: of.kind,
    subject: of.subject,
    environment: of.environment,
    digest: of.digest,
    required: of.required,
    approver_ids: [...of.approverIds],
    author_ids: [...of.authorIds],
    may_author_approve: of.mayAuthorApprove,
    status: of.status,
    requested_by: of.requestedBy,
    requested_at: timeOf(of.requestedAt),
    expires_at: optionalTimeOf(of.expiresAt),
    settled_at: optionalTimeOf(of.settledAt),
    decisions: of.decisions.map(({ actorId, verdict, comment: text, decidedAt }) => ({
      actor: actorId,
      verdict,
      comment: text,
      decided_at: timeOf(decidedAt),
    })),
  };
}
