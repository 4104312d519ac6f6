import type { AuditEntry, AuditQuery } from "@waybill/access";
import { WaybillError } from "@waybill/core";
import * as z from "zod/mini";
import { defineRoute, type Route, type RouteRequest } from "../../http/route.ts";
import { named, pageOf, pageQuery, time, timeOf } from "../schemas.ts";

const entry = named(
  "AuditEntry",
  z.object({
    seq: z.int(),
    event_id: z.string(),
    timestamp: time,
    actor_id: z.string(),
    action: z.string(),
    resource: z.string(),
    project_id: z.nullable(z.string()),
    context: z.record(z.string(), z.unknown()),
    previous_hash: z.string(),
    integrity_hash: z.string(),
  }),
);

const text = z.optional(z.string().check(z.maxLength(300)));
const filter = { project_id: z.optional(z.uuid()), actor_id: text, action: text, resource: text };
const seq = z.string().check(z.regex(/^\d{1,15}$/));

const verdict = named(
  "AuditVerdict",
  z.object({
    is_intact: z.boolean(),
    entries: z.nullable(z.int()),
    head_hash: z.nullable(z.string()),
    broken_at: z.nullable(z.int()),
    problem: z.nullable(z.enum(["missing", "changed", "out_of_order", "cut_off"])),
  }),
);

export const auditRoutes: readonly Route[] = [
  defineRoute({
    id: "listAudit",
    method: "GET",
    path: "/v1/audit",
    summary: "What was changed by whom, in its order or from its end: of one project, or for administrators of all",
    tag: "audit",
    access: { permission: "audit:read", on: "project" },
    subject: ({ query }) => query.project_id ?? null,
    query: z.extend(pageQuery, {
      ...filter,
      /** `desc`: the newest first. */
      order: z.prefault(z.enum(["asc", "desc"]), "asc"),
      cursor: z.optional(seq),
    }),
    responses: { 200: { description: "A page of them", schema: pageOf(entry) } },
    async handle(request, { access }) {
      const { limit, cursor, order } = request.query;
      const from =
        order === "asc"
          ? { afterSeq: Number(cursor ?? 0) }
          : { afterSeq: 0, beforeSeq: Number(cursor ?? Number.MAX_SAFE_INTEGER) };
      const page = await access.audit.list({ ...filterOf(request), ...from, limit: limit + 1 });
      const items = page.slice(0, limit);
      const next = page.length > limit ? String(items.at(-1)?.seq) : null;
      return { status: 200, body: { items: items.map(entryJson), next_cursor: next } };
    },
  }),
  defineRoute({
    id: "exportAudit",
    method: "GET",
    path: "/v1/audit/export",
    summary: "The audit log as lines of JSON: of all of it, anybody can compute the hashes again",
    tag: "audit",
    access: { permission: "audit:read", on: "project" },
    subject: ({ query }) => query.project_id ?? null,
    query: z.strictObject(filter),
    responses: { 200: { description: "Its lines", schema: null, contentType: "application/x-ndjson" } },
    handle: (request, { access }) => ({
      status: 200,
      stream: access.audit.exportLines(filterOf(request)),
      contentType: "application/x-ndjson",
      headers: { "content-disposition": 'attachment; filename="audit.ndjson"' },
    }),
  }),
  defineRoute({
    id: "verifyAudit",
    method: "POST",
    path: "/v1/audit/verify",
    summary: "Whether the log is as it was written, and still holds an entry of an earlier export",
    tag: "audit",
    access: { permission: "audit:read", on: "server" },
    body: z.strictObject({
      anchor: z.optional(
        z.strictObject({
          seq: z.int().check(z.minimum(1)),
          integrity_hash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
        }),
      ),
    }),
    responses: { 200: { description: "What was found", schema: verdict } },
    async handle({ body: { anchor } }, { access }) {
      const found = await access.audit.verify(
        anchor === undefined ? undefined : { seq: anchor.seq, integrityHash: anchor.integrity_hash },
      );
      const body = found.isIntact
        ? { is_intact: true, entries: found.entries, head_hash: found.headHash, broken_at: null, problem: null }
        : { is_intact: false, entries: null, head_hash: null, broken_at: found.brokenAt, problem: found.problem };
      return { status: 200, body };
    },
  }),
];

interface Filter {
  readonly project_id?: string | undefined;
  readonly actor_id?: string | undefined;
  readonly action?: string | undefined;
  readonly resource?: string | undefined;
}

/** @throws WaybillError `ACCESS_DENIED` where all of the log is asked for by somebody of some projects */
function filterOf({
  query,
  projects,
}: Pick<RouteRequest<unknown, Filter, unknown>, "query" | "projects">): Omit<AuditQuery, "afterSeq" | "limit"> {
  const { project_id: projectId, actor_id: actorId, action, resource } = query;
  if (projectId === undefined && projects !== "all") {
    throw new WaybillError("ACCESS_DENIED", { permission: "audit:read" });
  }
  return {
    ...(projectId === undefined ? {} : { projectId }),
    ...(actorId === undefined ? {} : { actorId }),
    ...(action === undefined ? {} : { action }),
    ...(resource === undefined ? {} : { resource }),
  };
}

function entryJson(of: AuditEntry): z.infer<typeof entry> {
  return {
    seq: of.seq,
    event_id: of.eventId,
    timestamp: timeOf(of.time),
    actor_id: of.actorId,
    action: of.action,
    resource: of.resource,
    project_id: of.projectId,
    context: { ...of.context },
    previous_hash: of.previousHash,
    integrity_hash: of.integrityHash,
  };
}
