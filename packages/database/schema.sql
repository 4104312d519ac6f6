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
