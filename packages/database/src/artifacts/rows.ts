import type { AuditEntry, Pin, RegisteredArtifact } from "@waybill/artifacts";
import * as z from "zod/mini";
import { RowParser } from "../row-parser.ts";

const registeredRow = z.object({
  ref: z.string(),
  run_id: z.string(),
  run_number: z.int(),
  pipeline_name: z.string(),
  run_status: z.string(),
  job: z.string(),
  name: z.string(),
  size_bytes: z.int(),
  file_count: z.int(),
  created_at: z.int(),
});

const pinRow = z.object({ ref: z.string(), owner: z.string(), reason: z.string(), created_at: z.int() });

const auditRow = z.object({
  time: z.int(),
  kind: z.enum(["policy_evaluation", "deletion", "reference_change", "storage_alert", "corruption"]),
  content_hash: z.nullable(z.string()),
  job_id: z.nullable(z.string()),
  delta: z.nullable(z.int()),
  details: z.string(),
});

const auditDetails = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** A run that is over needs its artifacts no more; a status we do not know may still be at work. */
const SETTLED: ReadonlySet<string> = new Set(["success", "failed", "cancelled"]);

/** Turns rows into records; nothing ill-typed comes past here. */
export class ArtifactRowReader extends RowParser {
  registered(row: unknown): RegisteredArtifact {
    const { ref, job, name, ...rest } = this.parse(registeredRow, row);
    return {
      ref,
      runId: rest.run_id,
      runNumber: rest.run_number,
      pipeline: rest.pipeline_name,
      job,
      name,
      sizeBytes: rest.size_bytes,
      fileCount: rest.file_count,
      createdAt: rest.created_at,
      isInUse: !SETTLED.has(rest.run_status),
    };
  }

  pin(row: unknown): Pin {
    const { created_at, ...rest } = this.parse(pinRow, row);
    return { ...rest, createdAt: created_at };
  }

  audit(row: unknown): AuditEntry {
    const { content_hash, job_id, details, ...rest } = this.parse(auditRow, row);
    return {
      ...rest,
      contentHash: content_hash,
      jobId: job_id,
      details: this.parse(auditDetails, this.json(details)),
    };
  }
}
