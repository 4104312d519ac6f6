import { openArtifactStore, type ArtifactRecords, type ContentAddressedStore } from "@waybill/artifacts";
import type { Clock } from "@waybill/core";
import type { ProjectPaths } from "./project.ts";

/** The artifact store of a project; what it finds damaged is written down. */
export function openProjectArtifacts(
  paths: ProjectPaths,
  records: ArtifactRecords,
  clock: Clock,
): ContentAddressedStore {
  return openArtifactStore(paths.artifacts, {
    clock,
    onQuarantine: async (record) => {
      const { expected_hash: contentHash, calculated_hash, error_details, retry_count, file_size } = record;
      const details = { calculated_hash, error_details, retry_count, file_size };
      await records.audit([{ time: clock.now(), kind: "corruption", contentHash, jobId: null, delta: null, details }]);
    },
  });
}
