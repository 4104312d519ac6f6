create table pipeline_runs (
  id text collate "C" not null,
  number integer not null,
  pipeline_name text collate "C" not null,
  config_path text collate "C" not null,
  trigger text collate "C" not null,
  status text collate "C" default 'pending'::text not null,
  reason text collate "C",
  created_at bigint not null,
  started_at bigint,
  finished_at bigint,
  config_snapshot text collate "C" not null,
  parameter_names text collate "C" default '[]'::text not null,
  cancel_requested_at bigint,
  pipeline_id text collate "C",
  git_ref text collate "C",
  git_sha text collate "C",
  trigger_event text collate "C",
  inputs text collate "C",
  concurrency_group text collate "C",
  rerun_of text collate "C",
  constraint pipeline_runs_pkey PRIMARY KEY (id),
  constraint pipeline_runs_number_key UNIQUE (number),
  constraint pipeline_runs_pipeline_id_fkey FOREIGN KEY (pipeline_id) REFERENCES pipelines(id)
);

create table jobs (
  id text collate "C" not null,
  pipeline_run_id text collate "C" not null,
  name text collate "C" not null,
  "position" integer not null,
  status text collate "C" default 'pending'::text not null,
  reason text collate "C",
  message text collate "C" default ''::text not null,
  attempts integer default 0 not null,
  started_at bigint,
  finished_at bigint,
  outputs text collate "C" default '{}'::text not null,
  constraint jobs_pkey PRIMARY KEY (id),
  constraint jobs_of_run UNIQUE (pipeline_run_id, "position"),
  constraint jobs_pipeline_run_id_fkey FOREIGN KEY (pipeline_run_id) REFERENCES pipeline_runs(id) ON DELETE CASCADE
);

create table job_steps (
  id text collate "C" not null,
  job_id text collate "C" not null,
  name text collate "C" not null,
  "position" integer not null,
  status text collate "C" default 'pending'::text not null,
  exit_code integer,
  started_at bigint,
  finished_at bigint,
  constraint job_steps_pkey PRIMARY KEY (id),
  constraint steps_of_job UNIQUE (job_id, "position"),
  constraint job_steps_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs(id) ON DELETE CASCADE
);

create table executions (
  id text collate "C" not null,
  job_id text collate "C" not null,
  attempt integer not null,
  executor text collate "C" not null,
  constraint executions_pkey PRIMARY KEY (id),
  constraint executions_of_job UNIQUE (job_id, attempt),
  constraint executions_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs(id) ON DELETE CASCADE
);

create table artifacts (
  id text collate "C" not null,
  job_id text collate "C" not null,
  name text collate "C" not null,
  ref text collate "C" not null,
  size_bytes bigint not null,
  file_count integer not null,
  created_at bigint not null,
  constraint artifacts_pkey PRIMARY KEY (id),
  constraint artifacts_of_job UNIQUE (job_id, name),
  constraint artifacts_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs(id) ON DELETE CASCADE
);

create table events (
  run_id text collate "C" not null,
  seq integer not null,
  "time" bigint not null,
  payload text collate "C" not null,
  constraint events_of_run PRIMARY KEY (run_id, seq),
  constraint events_run_id_fkey FOREIGN KEY (run_id) REFERENCES pipeline_runs(id) ON DELETE CASCADE
);

create table artifact_pins (
  ref text collate "C" not null,
  owner text collate "C" not null,
  reason text collate "C" default ''::text not null,
  created_at bigint not null,
  constraint pins_of_artifact PRIMARY KEY (ref, owner)
);

create table artifact_audit (
  id text collate "C" not null,
  "time" bigint not null,
  kind text collate "C" not null,
  content_hash text collate "C",
  job_id text collate "C",
  delta integer,
  details text collate "C" default '{}'::text not null,
  constraint artifact_audit_pkey PRIMARY KEY (id)
);

create table run_claims (
  run_id text collate "C" not null,
  token text collate "C" not null,
  constraint run_claims_pkey PRIMARY KEY (run_id)
);

create table projects (
  id text collate "C" not null,
  name text collate "C" not null,
  created_at bigint not null,
  updated_at bigint not null,
  constraint projects_pkey PRIMARY KEY (id),
  constraint projects_name_key UNIQUE (name)
);

create table repositories (
  id text collate "C" not null,
  project_id text collate "C" not null,
  url text collate "C" not null,
  default_branch text collate "C" not null,
  created_at bigint not null,
  constraint repositories_pkey PRIMARY KEY (id),
  constraint repositories_of_project UNIQUE (project_id, url),
  constraint repositories_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(id) ON DELETE CASCADE
);

create table pipelines (
  id text collate "C" not null,
  project_id text collate "C" not null,
  repository_id text collate "C" not null,
  name text collate "C" not null,
  config_path text collate "C" not null,
  created_at bigint not null,
  constraint pipelines_pkey PRIMARY KEY (id),
  constraint pipelines_of_project UNIQUE (project_id, name),
  constraint pipelines_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(id) ON DELETE CASCADE,
  constraint pipelines_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES repositories(id) ON DELETE CASCADE
);

create table users (
  id text collate "C" not null,
  name text collate "C" not null,
  display_name text collate "C" not null,
  email text collate "C",
  password_hash text collate "C",
  is_server_admin integer not null,
  created_at bigint not null,
  disabled_at bigint,
  constraint users_pkey PRIMARY KEY (id),
  constraint users_name_key UNIQUE (name)
);

create table project_members (
  project_id text collate "C" not null,
  user_id text collate "C" not null,
  role text collate "C" not null,
  constraint members_of_project PRIMARY KEY (project_id, user_id),
  constraint project_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

create table user_identities (
  issuer text collate "C" not null,
  subject text collate "C" not null,
  user_id text collate "C" not null,
  created_at bigint not null,
  constraint identities_of_issuer PRIMARY KEY (issuer, subject),
  constraint user_identities_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

create table tokens (
  id text collate "C" not null,
  kind text collate "C" not null,
  name text collate "C" not null,
  prefix text collate "C" not null,
  hash text collate "C" not null,
  user_id text collate "C",
  project_id text collate "C",
  role text collate "C",
  permissions text collate "C" not null,
  created_by text collate "C" not null,
  created_at bigint not null,
  expires_at bigint,
  last_used_at bigint,
  constraint tokens_pkey PRIMARY KEY (id),
  constraint tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

create table sessions (
  id text collate "C" not null,
  hash text collate "C" not null,
  user_id text collate "C" not null,
  method text collate "C" not null,
  created_at bigint not null,
  last_seen_at bigint not null,
  expires_at bigint not null,
  address text collate "C" not null,
  user_agent text collate "C" not null,
  constraint sessions_pkey PRIMARY KEY (id),
  constraint sessions_hash_key UNIQUE (hash),
  constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

create table sign_in_links (
  hash text collate "C" not null,
  user_id text collate "C" not null,
  created_at bigint not null,
  expires_at bigint not null,
  constraint sign_in_links_pkey PRIMARY KEY (hash),
  constraint sign_in_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

create table oidc_flows (
  hash text collate "C" not null,
  binding_hash text collate "C" not null,
  nonce text collate "C" not null,
  code_verifier text collate "C" not null,
  return_to text collate "C" not null,
  expires_at bigint not null,
  constraint oidc_flows_pkey PRIMARY KEY (hash)
);

create table secrets (
  id text collate "C" not null,
  project_id text collate "C" not null,
  name text collate "C" not null,
  environment text collate "C" not null,
  branch text collate "C" not null,
  ciphertext text collate "C" not null,
  key_id text collate "C" not null,
  created_at bigint not null,
  updated_at bigint not null,
  updated_by text collate "C" not null,
  constraint secrets_pkey PRIMARY KEY (id),
  constraint secrets_of_project UNIQUE (project_id, name, environment, branch)
);

create table approvals (
  id text collate "C" not null,
  project_id text collate "C" not null,
  run_id text collate "C" not null,
  kind text collate "C" not null,
  subject text collate "C" not null,
  environment text collate "C" not null,
  digest text collate "C" not null,
  author_ids text collate "C" not null,
  required integer not null,
  may_author_approve integer not null,
  status text collate "C" not null,
  requested_by text collate "C" not null,
  requested_at bigint not null,
  expires_at bigint,
  settled_at bigint,
  version integer not null,
  approver_ids text collate "C" default '[]'::text not null,
  constraint approvals_pkey PRIMARY KEY (id)
);

create table approval_decisions (
  approval_id text collate "C" not null,
  "position" integer not null,
  user_id text collate "C" not null,
  actor_id text collate "C" not null,
  verdict text collate "C" not null,
  comment text collate "C" not null,
  decided_at bigint not null,
  constraint decisions_of_approval PRIMARY KEY (approval_id, "position"),
  constraint decisions_of_user UNIQUE (approval_id, user_id),
  constraint approval_decisions_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES approvals(id) ON DELETE CASCADE
);

create table audit_log (
  seq integer not null,
  event_id text collate "C" not null,
  "time" bigint not null,
  actor_id text collate "C" not null,
  action text collate "C" not null,
  resource text collate "C" not null,
  project_id text collate "C",
  context text collate "C" not null,
  previous_hash text collate "C" not null,
  integrity_hash text collate "C" not null,
  constraint audit_log_pkey PRIMARY KEY (seq)
);

create table webhook_deliveries (
  id text collate "C" not null,
  source text collate "C" not null,
  delivery_id text collate "C" not null,
  secret_id text collate "C" not null,
  received_at bigint not null,
  outcome text collate "C" default 'received'::text not null,
  detail text collate "C" default ''::text not null,
  settled_at bigint,
  attempts integer default 0 not null,
  claimed_until bigint default 0 not null,
  headers text collate "C" not null,
  body text collate "C" not null,
  repository_id text collate "C",
  decisions text collate "C",
  constraint webhook_deliveries_pkey PRIMARY KEY (id),
  constraint deliveries_of_source UNIQUE (source, delivery_id)
);

create table schedule_ticks (
  schedule_id text collate "C" not null,
  due_at bigint not null,
  outcome text collate "C" not null,
  run_id text collate "C",
  claimed_until bigint default 0 not null,
  constraint ticks_of_schedule PRIMARY KEY (schedule_id, due_at)
);

create table concurrency_entries (
  run_id text collate "C" not null,
  group_name text collate "C" not null,
  "position" integer not null,
  is_admitted integer default 0 not null,
  is_superseded integer default 0 not null,
  entered_at bigint not null,
  constraint concurrency_entries_pkey PRIMARY KEY (run_id),
  constraint entries_of_group UNIQUE (group_name, "position"),
  constraint concurrency_entries_run_id_fkey FOREIGN KEY (run_id) REFERENCES pipeline_runs(id) ON DELETE CASCADE
);

create table status_reports (
  id text collate "C" not null,
  forge text collate "C" not null,
  repository text collate "C" not null,
  sha text collate "C" not null,
  context text collate "C" not null,
  run_number integer not null,
  run_seq integer not null,
  report text collate "C" not null,
  is_pending integer not null,
  attempts integer default 0 not null,
  next_attempt_at bigint not null,
  claimed_until bigint default 0 not null,
  remote_id text collate "C",
  problem text collate "C",
  updated_at bigint not null,
  constraint status_reports_pkey PRIMARY KEY (id),
  constraint reports_of_commit UNIQUE (forge, repository, sha, context)
);

create table webhook_secrets (
  id text collate "C" not null,
  repository_id text collate "C" not null,
  source text collate "C" not null,
  address text collate "C",
  ciphertext text collate "C" not null,
  key_id text collate "C" not null,
  created_at bigint not null,
  expires_at bigint,
  constraint webhook_secrets_pkey PRIMARY KEY (id),
  constraint webhook_secrets_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES repositories(id)
);

create table idempotency_keys (
  id text collate "C" not null,
  digest text collate "C" not null,
  created_at bigint not null,
  status integer,
  headers text collate "C",
  body text collate "C",
  constraint idempotency_keys_pkey PRIMARY KEY (id)
);

create table execution_reports (
  execution_id text collate "C" not null,
  status text collate "C" not null,
  exit_code integer,
  logs_ref text collate "C",
  message text collate "C",
  reported_at bigint not null,
  constraint execution_reports_pkey PRIMARY KEY (execution_id),
  constraint execution_reports_execution_id_fkey FOREIGN KEY (execution_id) REFERENCES executions(id) ON DELETE CASCADE
);

create table environments (
  id text collate "C" not null,
  project_id text collate "C" not null,
  name text collate "C" not null,
  description text collate "C" not null,
  branches text collate "C" not null,
  required_approvals integer not null,
  approver_ids text collate "C" not null,
  prevent_self_approval integer not null,
  created_at bigint not null,
  updated_at bigint not null,
  updated_by text collate "C" not null,
  constraint environments_pkey PRIMARY KEY (id),
  constraint environments_of_project UNIQUE (project_id, name)
);

create table event_positions (
  "position" bigint not null,
  run_id text collate "C" not null,
  seq integer not null,
  constraint event_positions_pkey PRIMARY KEY ("position"),
  constraint positions_of_event UNIQUE (run_id, seq)
);

create table unplaced_events (
  run_id text collate "C" not null,
  first_seq integer not null,
  last_seq integer not null,
  "time" bigint not null,
  constraint unplaced_event PRIMARY KEY (run_id, first_seq),
  constraint unplaced_of_run FOREIGN KEY (run_id) REFERENCES pipeline_runs(id) ON DELETE CASCADE
);

create table run_names (
  kind text collate "C" not null,
  name text collate "C" not null,
  project_id text collate "C" not null,
  run_number integer not null,
  run_id text collate "C" not null,
  pipeline_id text collate "C" not null,
  seen_at bigint not null,
  constraint run_names_by_name PRIMARY KEY (kind, name, project_id),
  constraint run_names_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects(id) ON DELETE CASCADE,
  constraint run_names_run_id_fkey FOREIGN KEY (run_id) REFERENCES pipeline_runs(id) ON DELETE CASCADE
);

create table routing_slips (
  slip_id text collate "C" not null,
  correlation_id text collate "C" not null,
  repository text collate "C" not null,
  repository_key text collate "C" not null,
  source_repository text collate "C" not null,
  source_key text collate "C" not null,
  branch text collate "C" not null,
  commit_sha text collate "C" not null,
  created_at bigint not null,
  updated_at bigint not null,
  status text collate "C" not null,
  promoted_to text collate "C" default ''::text not null,
  components text collate "C" not null,
  ancestry text collate "C" not null,
  version integer default 0 not null,
  constraint routing_slips_pkey PRIMARY KEY (slip_id),
  constraint routing_slips_correlation_id_key UNIQUE (correlation_id),
  constraint slip_of_commit UNIQUE (repository_key, commit_sha, source_key)
);

create table routing_slip_events (
  slip_id text collate "C" not null,
  seq integer not null,
  event_id text collate "C" not null,
  kind text collate "C" not null,
  "time" bigint not null,
  step text collate "C" not null,
  component text collate "C" not null,
  status text collate "C" not null,
  actor text collate "C" not null,
  message text collate "C" not null,
  promoted_to text collate "C" not null,
  constraint events_of_slip PRIMARY KEY (slip_id, seq),
  constraint event_of_slip UNIQUE (slip_id, event_id),
  constraint routing_slip_events_slip_id_fkey FOREIGN KEY (slip_id) REFERENCES routing_slips(slip_id) ON DELETE CASCADE
);

create table server_events (
  id text collate "C" not null,
  "time" bigint not null,
  type text collate "C" not null,
  project_id text collate "C",
  pipeline_id text collate "C",
  run_id text collate "C",
  job_id text collate "C",
  fields text collate "C" not null,
  constraint server_events_pkey PRIMARY KEY (id)
);

create table unplaced_server_events (
  id text collate "C" not null,
  "time" bigint not null,
  constraint unplaced_server_events_pkey PRIMARY KEY (id)
);

CREATE INDEX approvals_by_run ON public.approvals USING btree (run_id);

CREATE INDEX approvals_by_status ON public.approvals USING btree (status, project_id, requested_at);

CREATE UNIQUE INDEX approvals_of_job ON public.approvals USING btree (run_id, subject) WHERE (kind = 'job'::text);

CREATE INDEX artifact_audit_by_time ON public.artifact_audit USING btree ("time", id);

CREATE INDEX artifacts_by_ref ON public.artifacts USING btree (ref);

CREATE INDEX audit_log_by_actor ON public.audit_log USING btree (actor_id, seq);

CREATE INDEX audit_log_by_project ON public.audit_log USING btree (project_id, seq);

CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (created_at);

CREATE INDEX pipeline_runs_by_age ON public.pipeline_runs USING btree (created_at, number);

CREATE INDEX pipeline_runs_by_pipeline ON public.pipeline_runs USING btree (pipeline_id, number);

CREATE INDEX pipeline_runs_by_pipeline_and_status ON public.pipeline_runs USING btree (pipeline_id, status, number);

CREATE INDEX pipeline_runs_by_ref ON public.pipeline_runs USING btree (git_ref, number);

CREATE INDEX pipeline_runs_by_status ON public.pipeline_runs USING btree (status, number);

CREATE INDEX pipeline_runs_by_trigger ON public.pipeline_runs USING btree (trigger, number);

CREATE INDEX pipelines_by_repository ON public.pipelines USING btree (repository_id);

CREATE INDEX project_members_by_user ON public.project_members USING btree (user_id);

CREATE INDEX repositories_by_url ON public.repositories USING btree (url);

CREATE INDEX routing_slips_by_age ON public.routing_slips USING btree (created_at, slip_id);

CREATE INDEX routing_slips_by_status ON public.routing_slips USING btree (status, created_at, slip_id);

CREATE INDEX routing_slips_of_repository ON public.routing_slips USING btree (repository_key, created_at, slip_id);

CREATE INDEX run_names_by_age ON public.run_names USING btree (kind, run_number, name, project_id);

CREATE INDEX run_names_of_run ON public.run_names USING btree (run_id);

CREATE INDEX schedule_ticks_by_outcome ON public.schedule_ticks USING btree (outcome, claimed_until);

CREATE INDEX sessions_by_user ON public.sessions USING btree (user_id);

CREATE INDEX status_reports_by_attempt ON public.status_reports USING btree (is_pending, next_attempt_at);

CREATE INDEX tokens_by_prefix ON public.tokens USING btree (prefix);

CREATE INDEX tokens_by_user ON public.tokens USING btree (user_id);

CREATE INDEX user_identities_by_user ON public.user_identities USING btree (user_id);

CREATE INDEX users_by_email ON public.users USING btree (email);

CREATE INDEX webhook_deliveries_by_outcome ON public.webhook_deliveries USING btree (outcome, received_at);

CREATE INDEX webhook_secrets_by_repository ON public.webhook_secrets USING btree (repository_id, source);

CREATE INDEX webhook_secrets_by_source ON public.webhook_secrets USING btree (source);
