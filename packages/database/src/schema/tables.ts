import type { Generated } from "kysely";
import type { RunNameKind } from "../search/run-name.ts";
import type { AccessTablesOfSchema } from "./access-tables.ts";
import type { SlipTables } from "./slip-tables.ts";
import type { TriggerTables } from "./trigger-tables.ts";

/**
 * The tables as Kysely sees them. Columns are what the database gives, so statuses are plain strings here; `rows.ts`
 * turns rows into the records of the ports.
 *
 * Times are integers, milliseconds since the epoch (`bigint` columns): the same type, order and arithmetic on SQLite,
 * which has no type for time, and on PostgreSQL; nothing to parse, and no time zone to get wrong.
 */
export interface Tables extends AccessTablesOfSchema, SlipTables, TriggerTables {
  projects: ProjectsTable;
  repositories: RepositoriesTable;
  pipelines: PipelinesTable;
  pipeline_runs: PipelineRunsTable;
  jobs: JobsTable;
  job_steps: JobStepsTable;
  executions: ExecutionsTable;
  artifacts: ArtifactsTable;
  artifact_pins: ArtifactPinsTable;
  artifact_audit: ArtifactAuditTable;
  events: EventsTable;
  event_positions: EventPositionsTable;
  unplaced_events: UnplacedEventsTable;
  server_events: ServerEventsTable;
  unplaced_server_events: UnplacedServerEventsTable;
  run_claims: RunClaimsTable;
  idempotency_keys: IdempotencyKeysTable;
  execution_reports: ExecutionReportsTable;
  run_names: RunNamesTable;
}

interface ProjectsTable {
  id: string;
  name: string;
  created_at: number;
  updated_at: number;
}

interface RepositoriesTable {
  id: string;
  project_id: string;
  url: string;
  default_branch: string;
  created_at: number;
}

interface PipelinesTable {
  id: string;
  project_id: string;
  repository_id: string;
  name: string;
  config_path: string;
  created_at: number;
}

interface PipelineRunsTable {
  id: string;
  number: number;
  pipeline_name: string;
  config_path: string;
  trigger: string;
  status: Generated<string>;
  reason: string | null;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  /** The definition as JSON text. Behind what is read often, because it can be megabytes. */
  config_snapshot: string;
  /** Names of the run's parameters, a JSON array. Read only when a run is resumed. */
  parameter_names: Generated<string>;
  /** When somebody asked for the run's end. Read by whoever drives it. */
  cancel_requested_at: number | null;
  /** Null: a run of a directory, which has no origin at all. */
  pipeline_id: string | null;
  git_ref: string | null;
  git_sha: string | null;
  /** JSON text. */
  trigger_event: string | null;
  /** A JSON object. */
  inputs: string | null;
  concurrency_group: string | null;
  rerun_of: string | null;
}

interface JobsTable {
  id: string;
  pipeline_run_id: string;
  name: string;
  /** Order in the definition, from 0. */
  position: number;
  status: Generated<string>;
  reason: string | null;
  message: Generated<string>;
  attempts: Generated<number>;
  /** A JSON object of texts. */
  outputs: Generated<string>;
  started_at: number | null;
  finished_at: number | null;
}

interface JobStepsTable {
  id: string;
  job_id: string;
  name: string;
  position: number;
  status: Generated<string>;
  exit_code: number | null;
  started_at: number | null;
  finished_at: number | null;
}

interface ExecutionsTable {
  id: string;
  job_id: string;
  attempt: number;
  executor: string;
}

interface ArtifactsTable {
  id: string;
  job_id: string;
  name: string;
  ref: string;
  size_bytes: number;
  file_count: number;
  created_at: number;
}

interface ArtifactPinsTable {
  ref: string;
  owner: string;
  reason: string;
  created_at: number;
}

interface ArtifactAuditTable {
  id: string;
  time: number;
  kind: string;
  content_hash: string | null;
  job_id: string | null;
  delta: number | null;
  /** JSON text. */
  details: string;
}

interface EventsTable {
  run_id: string;
  seq: number;
  time: number;
  /** The event as JSON text, in the wire's form. */
  payload: string;
}

/** The order of all events, from 1 and without gaps. Events from before there was one have no place in it. Only ever inserted into. */
interface EventPositionsTable {
  position: number;
  /** Where `seq` is 0 the id of an event of the server: those of runs begin at 1. */
  run_id: string;
  seq: number;
}

/** Events that were not given their places yet: those of one transaction are one row, which it puts in itself. */
interface UnplacedEventsTable {
  run_id: string;
  first_seq: number;
  last_seq: number;
  /** Of the first. */
  time: number;
}

/** Events that belong to no run's own log. Only ever inserted into. */
interface ServerEventsTable {
  id: string;
  time: number;
  /** One of `SERVER_EVENT_KINDS`, or of a newer version. */
  type: string;
  /** Null: of the server as a whole. */
  project_id: string | null;
  pipeline_id: string | null;
  run_id: string | null;
  job_id: string | null;
  /** A JSON object. */
  fields: string;
}

/** Events of the server that were not given their places yet. */
interface UnplacedServerEventsTable {
  id: string;
  time: number;
}

/** Answers to requests that may be sent again. */
interface IdempotencyKeysTable {
  /** SHA-256 of caller, operation and key, as hexadecimal digits. */
  id: string;
  /** SHA-256 of all that the request says. */
  digest: string;
  created_at: number;
  /** Null: the request is under way, or its server died before it was answered. */
  status: number | null;
  /** A JSON object. */
  headers: string | null;
  /** JSON text. */
  body: string | null;
}

/** What was reported of executions from outside, the last of each. */
interface ExecutionReportsTable {
  execution_id: string;
  status: string;
  exit_code: number | null;
  logs_ref: string | null;
  message: string | null;
  reported_at: number;
}

/** Commits and refs that runs are of, once in each project, with the newest run. */
interface RunNamesTable {
  kind: RunNameKind;
  /** The whole name of a commit, a branch or tag without `refs/…/`, any other ref in full. */
  name: string;
  project_id: string;
  run_number: number;
  run_id: string;
  pipeline_id: string;
  seen_at: number;
}

/** On PostgreSQL, runs that are driven, or were when their process died. On SQLite it is empty: claims are files. */
interface RunClaimsTable {
  run_id: string;
  /** Another one each time the run is claimed. */
  token: string;
}
