import type { FailureCategory } from "@waybill/pipeline";

/** What gave a failure its category. They stand in events: their meaning never changes. */
export const FAILURE_CAUSES = [
  ...["timed_out", "out_of_memory", "not_executable", "not_found", "container_not_started"],
  ...["unresolved_host", "connection_failed", "service_unavailable", "rate_limited", "download_failed", "left_alone"],
  ...["network_timeout", "network_unreachable", "daemon_unavailable", "io_error", "execution_lost", "setup_failed"],
  ...["disk_full", "memory_exhausted", "limit_reached"],
  ...["permission_denied", "credentials_refused", "image_missing", "setting_missing", "wrong_usage"],
  ...["code_issue", "artifacts_failed", "outputs_invalid", "unknown"],
] as const;

export type FailureCause = (typeof FAILURE_CAUSES)[number];

/** A failure, as far as it can be told what it is of. */
export interface Failure {
  readonly category: FailureCategory;
  /** The external service it names: a host name in lower case; null: none, or one of the job's own machine. */
  readonly service: string | null;
  readonly cause: FailureCause;
}
