import {
  COMMIT_STATES,
  DELIVERY_OUTCOMES,
  type DeliveryRecord,
  type GroupMember,
  type OutboxEntry,
  type StoredDelivery,
  type WebhookSecretRecord,
} from "@waybill/projects";
import * as z from "zod/mini";
import { RowParser } from "../row-parser.ts";

const deliveryColumns = {
  id: z.string(),
  source: z.string(),
  delivery_id: z.string(),
  secret_id: z.string(),
  received_at: z.int(),
  repository_id: z.nullable(z.string()),
};

const storedDeliveryRow = z.object({ ...deliveryColumns, attempts: z.int(), headers: z.string(), body: z.string() });

const deliveryRow = z.object({
  ...deliveryColumns,
  outcome: z.enum(DELIVERY_OUTCOMES),
  detail: z.string(),
  settled_at: z.nullable(z.int()),
  decisions: z.nullable(z.string()),
});

const decisionsJson = z.array(
  z.object({
    pipelineId: z.string(),
    pipeline: z.string(),
    ref: z.nullable(z.string()),
    outcome: z.enum(["started", "skipped", "failed"]),
    reason: z.string(),
    code: z.nullable(z.string()),
    runId: z.nullable(z.string()),
    runNumber: z.nullable(z.int()),
  }),
);

const secretRow = z.object({
  id: z.string(),
  repository_id: z.string(),
  source: z.string(),
  address: z.nullable(z.string()),
  ciphertext: z.string(),
  key_id: z.string(),
  created_at: z.int(),
  expires_at: z.nullable(z.int()),
});

const headersJson = z.record(z.string(), z.string());

const memberRow = z.object({ run_id: z.string(), is_admitted: z.int(), is_superseded: z.int() });

const reportRow = z.object({
  id: z.string(),
  forge: z.string(),
  repository: z.string(),
  sha: z.string(),
  context: z.string(),
  run_number: z.int(),
  run_seq: z.int(),
  report: z.string(),
  attempts: z.int(),
  remote_id: z.nullable(z.string()),
  updated_at: z.int(),
});

const reportJson = z.object({
  state: z.enum(COMMIT_STATES),
  description: z.string(),
  url: z.nullable(z.string()),
  ref: z.nullable(z.string()),
  started_at: z.nullable(z.int()),
  finished_at: z.nullable(z.int()),
});

export type ReportJson = z.infer<typeof reportJson>;

/** Turns rows into records; nothing ill-typed comes past here. */
export class TriggerRowReader extends RowParser {
  storedDelivery(row: unknown): StoredDelivery {
    const { delivery_id, secret_id, repository_id, received_at, headers, ...rest } = this.parse(storedDeliveryRow, row);
    return {
      ...rest,
      repositoryId: repository_id,
      deliveryId: delivery_id,
      secretId: secret_id,
      receivedAt: received_at,
      headers: this.parse(headersJson, this.json(headers)),
    };
  }

  delivery(row: unknown): DeliveryRecord {
    const { delivery_id, secret_id, repository_id, received_at, settled_at, decisions, ...rest } = this.parse(
      deliveryRow,
      row,
    );
    return {
      ...rest,
      deliveryId: delivery_id,
      secretId: secret_id,
      repositoryId: repository_id,
      receivedAt: received_at,
      settledAt: settled_at,
      decisions: decisions === null ? [] : this.parse(decisionsJson, this.json(decisions)),
    };
  }

  secret(row: unknown): WebhookSecretRecord {
    const { repository_id, key_id, created_at, expires_at, ...rest } = this.parse(secretRow, row);
    return {
      ...rest,
      repositoryId: repository_id,
      keyId: key_id,
      createdAt: created_at,
      expiresAt: expires_at,
    };
  }

  member(row: unknown): GroupMember {
    const { run_id, is_admitted, is_superseded } = this.parse(memberRow, row);
    return { runId: run_id, isAdmitted: is_admitted !== 0, isSuperseded: is_superseded !== 0 };
  }

  report(row: unknown): OutboxEntry {
    const { id, forge, repository, sha, context, ...columns } = this.parse(reportRow, row);
    const { started_at, finished_at, ...said } = this.parse(reportJson, this.json(columns.report));
    return {
      id,
      report: { forge, repository, sha, context, ...said, startedAt: started_at, finishedAt: finished_at },
      version: { runNumber: columns.run_number, seq: columns.run_seq },
      attempts: columns.attempts,
      remoteId: columns.remote_id,
      updatedAt: columns.updated_at,
    };
  }
}
