CREATE TABLE "pipeline_runs" (
  "id" text not null primary key,
  "number" integer not null unique,
  "pipeline_name" text not null,
  "config_path" text not null,
  "trigger" text not null,
  "status" text default 'pending' not null,
  "reason" text,
  "created_at" bigint not null,
  "started_at" bigint,
  "finished_at" bigint,
  "config_snapshot" text not null,
  "parameter_names" text default '[]' not null,
  "cancel_requested_at" bigint,
  "pipeline_id" text references "pipelines" ("id"),
  "git_ref" text,
  "git_sha" text,
  "trigger_event" text,
  "inputs" text,
  "concurrency_group" text,
  "rerun_of" text
);

CREATE TABLE "jobs" (
  "id" text not null primary key,
  "pipeline_run_id" text not null references "pipeline_runs" ("id") on delete cascade,
  "name" text not null,
  "position" integer not null,
  "status" text default 'pending' not null,
  "reason" text,
  "message" text default '' not null,
  "attempts" integer default 0 not null,
  "started_at" bigint,
  "finished_at" bigint,
  "outputs" text default '{}' not null,
  constraint "jobs_of_run" unique ("pipeline_run_id", "position")
);

CREATE TABLE "job_steps" (
  "id" text not null primary key,
  "job_id" text not null references "jobs" ("id") on delete cascade,
  "name" text not null,
  "position" integer not null,
  "status" text default 'pending' not null,
  "exit_code" integer,
  "started_at" bigint,
  "finished_at" bigint,
  constraint "steps_of_job" unique ("job_id", "position")
);

CREATE TABLE "executions" (
  "id" text not null primary key,
  "job_id" text not null references "jobs" ("id") on delete cascade,
  "attempt" integer not null,
  "executor" text not null,
  constraint "executions_of_job" unique ("job_id", "attempt")
);

CREATE TABLE "artifacts" (
  "id" text not null primary key,
  "job_id" text not null references "jobs" ("id") on delete cascade,
  "name" text not null,
  "ref" text not null,
  "size_bytes" bigint not null,
  "file_count" integer not null,
  "created_at" bigint not null,
  constraint "artifacts_of_job" unique ("job_id", "name")
);

CREATE TABLE "events" (
  "run_id" text not null references "pipeline_runs" ("id") on delete cascade,
  "seq" integer not null,
  "time" bigint not null,
  "payload" text not null,
  constraint "events_of_run" primary key ("run_id", "seq")
);

CREATE TABLE "artifact_pins" (
  "ref" text not null,
  "owner" text not null,
  "reason" text default '' not null,
  "created_at" bigint not null,
  constraint "pins_of_artifact" primary key ("ref", "owner")
);

CREATE TABLE "artifact_audit" (
  "id" text not null primary key,
  "time" bigint not null,
  "kind" text not null,
  "content_hash" text,
  "job_id" text,
  "delta" integer,
  "details" text default '{}' not null
);

CREATE INDEX "artifact_audit_by_time" on "artifact_audit" (
  "time",
  "id"
);

CREATE TABLE "run_claims" (
  "run_id" text not null primary key,
  "token" text not null
);

CREATE TABLE "projects" (
  "id" text not null primary key,
  "name" text not null unique,
  "created_at" bigint not null,
  "updated_at" bigint not null
);

CREATE TABLE "repositories" (
  "id" text not null primary key,
  "project_id" text not null references "projects" ("id") on delete cascade,
  "url" text not null,
  "default_branch" text not null,
  "created_at" bigint not null,
  constraint "repositories_of_project" unique ("project_id", "url")
);

CREATE INDEX "repositories_by_url" on "repositories" (
  "url"
);

CREATE TABLE "pipelines" (
  "id" text not null primary key,
  "project_id" text not null references "projects" ("id") on delete cascade,
  "repository_id" text not null references "repositories" ("id") on delete cascade,
  "name" text not null,
  "config_path" text not null,
  "created_at" bigint not null,
  constraint "pipelines_of_project" unique ("project_id", "name")
);

CREATE INDEX "pipelines_by_repository" on "pipelines" (
  "repository_id"
);

CREATE INDEX "pipeline_runs_by_pipeline" on "pipeline_runs" (
  "pipeline_id",
  "number"
);

CREATE INDEX "pipeline_runs_by_pipeline_and_status" on "pipeline_runs" (
  "pipeline_id",
  "status",
  "number"
);

CREATE INDEX "pipeline_runs_by_status" on "pipeline_runs" (
  "status",
  "number"
);

CREATE TABLE "users" (
  "id" text not null primary key,
  "name" text not null unique,
  "display_name" text not null,
  "email" text,
  "password_hash" text,
  "is_server_admin" integer not null,
  "created_at" bigint not null,
  "disabled_at" bigint
);

CREATE INDEX "users_by_email" on "users" (
  "email"
);

CREATE TABLE "project_members" (
  "project_id" text not null,
  "user_id" text not null references "users" ("id") on delete cascade,
  "role" text not null,
  constraint "members_of_project" primary key ("project_id", "user_id")
);

CREATE INDEX "project_members_by_user" on "project_members" (
  "user_id"
);

CREATE TABLE "user_identities" (
  "issuer" text not null,
  "subject" text not null,
  "user_id" text not null references "users" ("id") on delete cascade,
  "created_at" bigint not null,
  constraint "identities_of_issuer" primary key ("issuer", "subject")
);

CREATE INDEX "user_identities_by_user" on "user_identities" (
  "user_id"
);

CREATE TABLE "tokens" (
  "id" text not null primary key,
  "kind" text not null,
  "name" text not null,
  "prefix" text not null,
  "hash" text not null,
  "user_id" text references "users" ("id") on delete cascade,
  "project_id" text,
  "role" text,
  "permissions" text not null,
  "created_by" text not null,
  "created_at" bigint not null,
  "expires_at" bigint,
  "last_used_at" bigint
);

CREATE INDEX "tokens_by_prefix" on "tokens" (
  "prefix"
);

CREATE INDEX "tokens_by_user" on "tokens" (
  "user_id"
);

CREATE TABLE "sessions" (
  "id" text not null primary key,
  "hash" text not null unique,
  "user_id" text not null references "users" ("id") on delete cascade,
  "method" text not null,
  "created_at" bigint not null,
  "last_seen_at" bigint not null,
  "expires_at" bigint not null,
  "address" text not null,
  "user_agent" text not null
);

CREATE INDEX "sessions_by_user" on "sessions" (
  "user_id"
);

CREATE TABLE "sign_in_links" (
  "hash" text not null primary key,
  "user_id" text not null references "users" ("id") on delete cascade,
  "created_at" bigint not null,
  "expires_at" bigint not null
);

CREATE TABLE "oidc_flows" (
  "hash" text not null primary key,
  "binding_hash" text not null,
  "nonce" text not null,
  "code_verifier" text not null,
  "return_to" text not null,
  "expires_at" bigint not null
);

CREATE TABLE "secrets" (
  "id" text not null primary key,
  "project_id" text not null,
  "name" text not null,
  "environment" text not null,
  "branch" text not null,
  "ciphertext" text not null,
  "key_id" text not null,
  "created_at" bigint not null,
  "updated_at" bigint not null,
  "updated_by" text not null,
  constraint "secrets_of_project" unique ("project_id", "name", "environment", "branch")
);

CREATE TABLE "approvals" (
  "id" text not null primary key,
  "project_id" text not null,
  "run_id" text not null,
  "kind" text not null,
  "subject" text not null,
  "environment" text not null,
  "digest" text not null,
  "author_ids" text not null,
  "required" integer not null,
  "may_author_approve" integer not null,
  "status" text not null,
  "requested_by" text not null,
  "requested_at" bigint not null,
  "expires_at" bigint,
  "settled_at" bigint,
  "version" integer not null,
  "approver_ids" text default '[]' not null
);

CREATE INDEX "approvals_by_run" on "approvals" (
  "run_id"
);

CREATE INDEX "approvals_by_status" on "approvals" (
  "status",
  "project_id",
  "requested_at"
);

CREATE TABLE "approval_decisions" (
  "approval_id" text not null references "approvals" ("id") on delete cascade,
  "position" integer not null,
  "user_id" text not null,
  "actor_id" text not null,
  "verdict" text not null,
  "comment" text not null,
  "decided_at" bigint not null,
  constraint "decisions_of_approval" primary key ("approval_id", "position"),
  constraint "decisions_of_user" unique ("approval_id", "user_id")
);

CREATE TABLE "audit_log" (
  "seq" integer not null primary key,
  "event_id" text not null,
  "time" bigint not null,
  "actor_id" text not null,
  "action" text not null,
  "resource" text not null,
  "project_id" text,
  "context" text not null,
  "previous_hash" text not null,
  "integrity_hash" text not null
);

CREATE INDEX "audit_log_by_project" on "audit_log" (
  "project_id",
  "seq"
);

CREATE INDEX "audit_log_by_actor" on "audit_log" (
  "actor_id",
  "seq"
);

CREATE TABLE "webhook_deliveries" (
  "id" text not null primary key,
  "source" text not null,
  "delivery_id" text not null,
  "secret_id" text not null,
  "received_at" bigint not null,
  "outcome" text default 'received' not null,
  "detail" text default '' not null,
  "settled_at" bigint,
  "attempts" integer default 0 not null,
  "claimed_until" bigint default 0 not null,
  "headers" text not null,
  "body" text not null,
  "repository_id" text,
  "decisions" text,
  constraint "deliveries_of_source" unique ("source", "delivery_id")
);

CREATE INDEX "webhook_deliveries_by_outcome" on "webhook_deliveries" (
  "outcome",
  "received_at"
);

CREATE TABLE "schedule_ticks" (
  "schedule_id" text not null,
  "due_at" bigint not null,
  "outcome" text not null,
  "run_id" text,
  "claimed_until" bigint default 0 not null,
  constraint "ticks_of_schedule" primary key ("schedule_id", "due_at")
);

CREATE INDEX "schedule_ticks_by_outcome" on "schedule_ticks" (
  "outcome",
  "claimed_until"
);

CREATE TABLE "concurrency_entries" (
  "run_id" text not null primary key references "pipeline_runs" ("id") on delete cascade,
  "group_name" text not null,
  "position" integer not null,
  "is_admitted" integer default 0 not null,
  "is_superseded" integer default 0 not null,
  "entered_at" bigint not null,
  constraint "entries_of_group" unique ("group_name", "position")
);

CREATE TABLE "status_reports" (
  "id" text not null primary key,
  "forge" text not null,
  "repository" text not null,
  "sha" text not null,
  "context" text not null,
  "run_number" integer not null,
  "run_seq" integer not null,
  "report" text not null,
  "is_pending" integer not null,
  "attempts" integer default 0 not null,
  "next_attempt_at" bigint not null,
  "claimed_until" bigint default 0 not null,
  "remote_id" text,
  "problem" text,
  "updated_at" bigint not null,
  constraint "reports_of_commit" unique ("forge", "repository", "sha", "context")
);

CREATE INDEX "status_reports_by_attempt" on "status_reports" (
  "is_pending",
  "next_attempt_at"
);

CREATE TABLE "webhook_secrets" (
  "id" text not null primary key,
  "repository_id" text not null references "repositories" ("id"),
  "source" text not null,
  "address" text,
  "ciphertext" text not null,
  "key_id" text not null,
  "created_at" bigint not null,
  "expires_at" bigint
);

CREATE INDEX "webhook_secrets_by_repository" on "webhook_secrets" (
  "repository_id",
  "source"
);

CREATE INDEX "webhook_secrets_by_source" on "webhook_secrets" (
  "source"
);

CREATE TABLE "idempotency_keys" (
  "id" text not null primary key,
  "digest" text not null,
  "created_at" bigint not null,
  "status" integer,
  "headers" text,
  "body" text
);

CREATE INDEX "idempotency_keys_by_age" on "idempotency_keys" (
  "created_at"
);

CREATE TABLE "execution_reports" (
  "execution_id" text not null primary key references "executions" ("id") on delete cascade,
  "status" text not null,
  "exit_code" integer,
  "logs_ref" text,
  "message" text,
  "reported_at" bigint not null
);

CREATE INDEX "pipeline_runs_by_ref" on "pipeline_runs" (
  "git_ref",
  "number"
);

CREATE INDEX "pipeline_runs_by_trigger" on "pipeline_runs" (
  "trigger",
  "number"
);

CREATE INDEX "pipeline_runs_by_age" on "pipeline_runs" (
  "created_at",
  "number"
);

CREATE TABLE "environments" (
  "id" text not null primary key,
  "project_id" text not null,
  "name" text not null,
  "description" text not null,
  "branches" text not null,
  "required_approvals" integer not null,
  "approver_ids" text not null,
  "prevent_self_approval" integer not null,
  "created_at" bigint not null,
  "updated_at" bigint not null,
  "updated_by" text not null,
  constraint "environments_of_project" unique ("project_id", "name")
);

CREATE UNIQUE INDEX approvals_of_job on approvals (run_id, subject) where kind = 'job';

CREATE TABLE "event_positions" (
  "position" bigint not null primary key,
  "run_id" text not null,
  "seq" integer not null,
  constraint "positions_of_event" unique ("run_id", "seq")
);

CREATE TABLE "unplaced_events" (
  "run_id" text not null,
  "first_seq" integer not null,
  "last_seq" integer not null,
  "time" bigint not null,
  constraint "unplaced_event" primary key ("run_id", "first_seq"),
  constraint "unplaced_of_run" foreign key ("run_id") references "pipeline_runs" ("id") on delete cascade
);

CREATE TABLE "run_names" (
  "kind" text not null,
  "name" text not null,
  "project_id" text not null references "projects" ("id") on delete cascade,
  "run_number" integer not null,
  "run_id" text not null references "pipeline_runs" ("id") on delete cascade,
  "pipeline_id" text not null,
  "seen_at" bigint not null,
  constraint "run_names_by_name" primary key ("kind", "name", "project_id")
);

CREATE INDEX "run_names_by_age" on "run_names" (
  "kind",
  "run_number",
  "name",
  "project_id"
);

CREATE INDEX "run_names_of_run" on "run_names" (
  "run_id"
);

CREATE TABLE "routing_slips" (
  "slip_id" text not null primary key,
  "correlation_id" text not null unique,
  "repository" text not null,
  "repository_key" text not null,
  "source_repository" text not null,
  "source_key" text not null,
  "branch" text not null,
  "commit_sha" text not null,
  "created_at" bigint not null,
  "updated_at" bigint not null,
  "status" text not null,
  "promoted_to" text default '' not null,
  "components" text not null,
  "ancestry" text not null,
  "version" integer default 0 not null,
  constraint "slip_of_commit" unique ("repository_key", "commit_sha", "source_key")
);

CREATE INDEX "routing_slips_by_age" on "routing_slips" (
  "created_at",
  "slip_id"
);

CREATE INDEX "routing_slips_of_repository" on "routing_slips" (
  "repository_key",
  "created_at",
  "slip_id"
);

CREATE INDEX "routing_slips_by_status" on "routing_slips" (
  "status",
  "created_at",
  "slip_id"
);

CREATE TABLE "routing_slip_events" (
  "slip_id" text not null references "routing_slips" ("slip_id") on delete cascade,
  "seq" integer not null,
  "event_id" text not null,
  "kind" text not null,
  "time" bigint not null,
  "step" text not null,
  "component" text not null,
  "status" text not null,
  "actor" text not null,
  "message" text not null,
  "promoted_to" text not null,
  constraint "events_of_slip" primary key ("slip_id", "seq"),
  constraint "event_of_slip" unique ("slip_id", "event_id")
);

CREATE TABLE "server_events" (
  "id" text not null primary key,
  "time" bigint not null,
  "type" text not null,
  "project_id" text,
  "pipeline_id" text,
  "run_id" text,
  "job_id" text,
  "fields" text not null
);

CREATE TABLE "unplaced_server_events" (
  "id" text not null primary key,
  "time" bigint not null
);

CREATE INDEX "artifacts_by_ref" on "artifacts" (
  "ref"
);
