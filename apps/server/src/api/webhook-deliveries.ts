import { DELIVERY_OUTCOMES, type DeliveryRecord } from "@waybill/projects";
import * as z from "zod/mini";
import { projectIdsOf } from "../access/guard.ts";
import { defineRoute, type Route } from "../http/route.ts";
import { named, optionalTime, optionalTimeOf, pageOf, pageQuery, time, timeOf } from "./schemas.ts";

export const delivery = named(
  "WebhookDelivery",
  z.object({
    id: z.uuid(),
    source: z.string(),
    /** What its sender calls it. */
    delivery_id: z.string(),
    repository_id: z.nullable(z.uuid()),
    received_at: time,
    settled_at: optionalTime,
    /** `received`: it is being interpreted. */
    outcome: z.enum(DELIVERY_OUTCOMES),
    detail: z.string(),
    decisions: z.array(
      z.object({
        pipeline_id: z.uuid(),
        pipeline: z.string(),
        ref: z.nullable(z.string()),
        outcome: z.enum(["started", "skipped", "failed"]),
        reason: z.string(),
        code: z.nullable(z.string()),
        run_id: z.nullable(z.uuid()),
        run_number: z.nullable(z.int()),
      }),
    ),
  }),
);

export const webhookDeliveryRoutes: readonly Route[] = [
  defineRoute({
    id: "listWebhookDeliveries",
    method: "GET",
    path: "/v1/webhook-deliveries",
    summary: "List webhooks that were received, newest first: what each started, and why it did not start others",
    tag: "webhooks",
    access: { permission: "runs:read", on: "projects" },
    query: pageQuery,
    responses: { 200: { description: "A page of them", schema: pageOf(delivery) } },
    async handle(request, { triggers }) {
      const { limit, cursor: before } = request.query;
      const projectIds = projectIdsOf(request);
      const page = await triggers.stores.deliveries.page({ limit: limit + 1, before, projectIds });
      const items = page.slice(0, limit);
      const next = page.length > limit ? (items.at(-1)?.id ?? null) : null;
      return { status: 200, body: { items: items.map(deliveryJson), next_cursor: next } };
    },
  }),
];

export function deliveryJson(record: DeliveryRecord): z.infer<typeof delivery> {
  return {
    id: record.id,
    source: record.source,
    // The repository's id is put before it, so that senders cannot take each other's.
    delivery_id: record.deliveryId.replace(/^[0-9a-f-]{36}:/, ""),
    repository_id: record.repositoryId,
    received_at: timeOf(record.receivedAt),
    settled_at: optionalTimeOf(record.settledAt),
    outcome: record.outcome,
    detail: record.detail,
    decisions: record.decisions.map(({ pipelineId, runId, runNumber, ...rest }) => ({
      ...rest,
      pipeline_id: pipelineId,
      run_id: runId,
      run_number: runNumber,
    })),
  };
}
