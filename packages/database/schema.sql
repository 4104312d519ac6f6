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
  "cancel_requested_at" bigint
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
