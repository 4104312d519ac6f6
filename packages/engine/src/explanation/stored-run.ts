import type { PipelineDefinition } from "@waybill/pipeline";
import type { RunOrigin } from "../ports/run-queries.ts";
import type { JobRecord, RunRecord, StoredEvent } from "../ports/run-store.ts";

/** All that is kept of a run and tells why a job is as it is. */
export interface StoredRun {
  readonly run: RunRecord;
  /** Null or left out: it is one of a directory. */
  readonly origin?: RunOrigin | null;
  readonly definition: PipelineDefinition;
  /** Jobs of the run by name, in the order of the file. */
  readonly jobs: ReadonlyMap<string, JobRecord>;
  /** In order; at least those of the job in question. */
  readonly events: readonly StoredEvent[];
}
