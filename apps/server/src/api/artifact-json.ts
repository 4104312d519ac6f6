import type { ArtifactRecord } from "@waybill/engine";
import * as z from "zod/mini";
import { named, time, timeOf } from "./schemas.ts";

export const artifact = named(
  "Artifact",
  z.object({
    id: z.uuid(),
    name: z.string(),
    job_id: z.uuid(),
    job: z.string(),
    /** SHA-256 of the artifact's list of files, which has the hashes of all of them. */
    content_hash: z.string(),
    size_bytes: z.int(),
    file_count: z.int(),
    created_at: time,
  }),
);

export function artifactJson(record: ArtifactRecord, job: string): z.infer<typeof artifact> {
  return {
    id: record.id,
    name: record.name,
    job_id: record.jobId,
    job,
    content_hash: record.ref,
    size_bytes: record.sizeBytes,
    file_count: record.fileCount,
    created_at: timeOf(record.createdAt),
  };
}
