import {
  DEFAULT_RULES,
  MAX_RULES_BYTES,
  openArtifactStore,
  parseRetentionRules,
  type ArtifactRecords,
  type ContentAddressedStore,
  type RetentionRules,
} from "@waybill/artifacts";
import type { Clock } from "@waybill/core";
import { existsSync } from "node:fs";
import type { ProjectPaths } from "./project.ts";
import { readBounded } from "./read-bounded.ts";

/** What a project says about how long its artifacts are kept. @throws WaybillError `ARTIFACT_RULES_INVALID`, `CLI_FILE_*` */
export function readRetentionRules({ retention }: ProjectPaths): RetentionRules {
  if (!existsSync(retention)) return DEFAULT_RULES;
  const bytes = readBounded(retention, retention, MAX_RULES_BYTES);
  return parseRetentionRules(new TextDecoder().decode(bytes), retention);
}

/** The artifact store of a project; what it finds damaged is written down. */
export function openProjectArtifacts(
  paths: ProjectPaths,
  records: ArtifactRecords,
  clock: Clock,
): ContentAddressedStore {
  const { maxStorageGb } = readRetentionRules(paths);
  return openArtifactStore(paths.artifacts, {
    clock,
    ...(maxStorageGb === null ? {} : { maxStorageGb }),
    onQuarantine: async (record) => {
      const { expected_hash: contentHash, calculated_hash, error_details, retry_count, file_size } = record;
      const details = { calculated_hash, error_details, retry_count, file_size };
      await records.audit([{ time: clock.now(), kind: "corruption", contentHash, jobId: null, delta: null, details }]);
    },
  });
}
