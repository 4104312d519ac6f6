import type { Clock, Ids } from "@waybill/core";
import type { ArtifactRecords, CleanupReport, ContentAddressedStore } from "@waybill/artifacts";
import type {
  SqlArtifactLists,
  SqlDatabaseFacts,
  SqlExecutionReports,
  SqlRunSamples,
  SqlSearch,
} from "@waybill/database";
import type { LogStore, RunStore } from "@waybill/engine";
import type { OpenExecutors } from "@waybill/executors";
import type { ProjectRecords } from "@waybill/projects";
import type { ExecutionTokens } from "./access/execution-tokens.ts";
import type { AccessServices } from "./access/open-access.ts";
import type { EventFeed } from "./runs/event-feed.ts";
import type { ServerMetrics } from "./telemetry/metrics.ts";
import type { ReportedExecutions } from "./runs/reported-executions.ts";
import type { RunChanges } from "./runs/run-changes.ts";
import type { RunService } from "./runs/run-service.ts";
import type { StorageUses } from "./storage/storage-use.ts";
import type { RecentErrors } from "./system/recent-errors.ts";
import type { ProjectMirrors } from "./triggers/project-mirrors.ts";
import type { Triggers } from "./triggers/open-triggers.ts";

/** What the server is made of, for its operators. */
export interface SystemFacts {
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly executorMode: string;
  readonly executors: Pick<OpenExecutors, "availability">;
  readonly database: SqlDatabaseFacts;
  readonly errors: RecentErrors;
}

/** What handlers of routes work with. */
export interface Services {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly store: RunStore;
  readonly records: ProjectRecords;
  readonly mirrors: ProjectMirrors;
  readonly logs: LogStore;
  readonly artifacts: ContentAddressedStore;
  readonly runs: RunService;
  readonly changes: RunChanges;
  readonly triggers: Triggers;
  readonly metrics: ServerMetrics;
  readonly feed: EventFeed;
  readonly reports: SqlExecutionReports;
  readonly search: SqlSearch;
  readonly samples: SqlRunSamples;
  readonly system: SystemFacts;
  /** Under which people and forges reach the server, without a slash at its end. */
  address(): string;
  readonly artifactRecords: ArtifactRecords;
  readonly artifactLists: SqlArtifactLists;
  readonly storage: StorageUses;
  /** The last cleanup of this server. */
  lastCleanup(): { readonly finishedAt: number; readonly report: CleanupReport } | null;
  readonly reported: ReportedExecutions;
  readonly executionTokens: ExecutionTokens;
  readonly access: AccessServices;
  /** Where files of requests that are under way may lie; absolute. */
  readonly scratchDirectory: string;
  /** Throws where the store does not answer. */
  checkStore(): Promise<void>;
  /** False from the moment on at which the server is asked to end. */
  isAccepting(): boolean;
}
