// Made by script/generate-web-api.ts from docs/reference/openapi.json: change the server's routes, not this file.

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly remedy: string;
  readonly request_id: string;
}

export interface Health {
  readonly status: "ok";
}

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface Pipeline {
  readonly id: string;
  readonly project_id: string;
  readonly repository_id: string;
  readonly repository_url: string;
  readonly default_branch: string;
  readonly name: string;
  readonly config_path: string;
  readonly created_at: string;
}

export interface PipelineFile {
  readonly ref: string;
  readonly commit: string;
  readonly path: string;
  readonly text: string;
  readonly name: string | null;
  readonly problems: readonly (PipelineProblem)[];
  readonly error_count: number;
  readonly graph: DefinitionGraph | null;
  readonly inputs: readonly (PipelineInput)[];
}

export interface PipelineProblem {
  readonly severity: "error" | "warning";
  readonly code: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly context: string;
  readonly suggestion: string;
  readonly help: string;
}

export interface DefinitionGraph {
  readonly jobs: readonly ({
    readonly name: string;
    readonly level: number;
    readonly steps: number;
    readonly condition: string | null;
  })[];
  readonly edges: readonly ({
    readonly from: string;
    readonly to: string;
  })[];
}

export interface PipelineInput {
  readonly name: string;
  readonly type: "string" | "boolean" | "number" | "choice";
  readonly description: string;
  readonly required: boolean;
  readonly default: string | number | boolean | null;
  readonly options: readonly (string)[];
}

export interface PipelineStatistics {
  readonly since: string;
  readonly until: string;
  readonly is_complete: boolean;
  readonly runs_with_jobs: number;
  readonly success_rate: Share;
  readonly duration: DurationSpread;
  readonly queue: DurationSpread;
  readonly per_day: readonly ({
    readonly date: string;
    readonly success: number;
    readonly failed: number;
    readonly cancelled: number;
    readonly unfinished: number;
    readonly duration: DurationSpread;
  })[];
  readonly slowest_jobs: readonly ({
    readonly p50: number | null;
    readonly p95: number | null;
    readonly sample_size: number;
    readonly name: string;
  })[];
  readonly flaky_jobs: readonly ({
    readonly value: number | null;
    readonly numerator: number;
    readonly denominator: number;
    readonly name: string;
  })[];
}

export interface Share {
  readonly value: number | null;
  readonly numerator: number;
  readonly denominator: number;
}

export interface DurationSpread {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly sample_size: number;
}

export interface PipelineHook {
  readonly post_receive: {
    readonly path: string;
    readonly script: string;
    readonly token_permission: string;
  };
  readonly webhooks: readonly ({
    readonly source: string;
    readonly title: string;
    readonly url: string;
    readonly content_type: string;
    readonly events: readonly (string)[];
  })[];
  readonly last_delivery: WebhookDelivery | null;
}

export interface WebhookDelivery {
  readonly id: string;
  readonly source: string;
  readonly delivery_id: string;
  readonly repository_id: string | null;
  readonly received_at: string;
  readonly settled_at: string | null;
  readonly outcome: "received" | "started" | "ignored" | "refused" | "failed";
  readonly detail: string;
  readonly decisions: readonly ({
    readonly pipeline_id: string;
    readonly pipeline: string;
    readonly ref: string | null;
    readonly outcome: "started" | "skipped" | "failed";
    readonly reason: string;
    readonly code: string | null;
    readonly run_id: string | null;
    readonly run_number: number | null;
  })[];
}

export interface Notifications {
  readonly approvals: readonly (Approval)[];
  readonly failed_runs: readonly (Run)[];
  readonly since: string;
  readonly is_complete: boolean;
}

export interface Approval {
  readonly id: string;
  readonly project_id: string;
  readonly run_id: string;
  readonly kind: "deployment" | "fork_run" | "job";
  readonly subject: string;
  readonly environment: string;
  readonly digest: string;
  readonly required: number;
  readonly approver_ids: readonly (string)[];
  readonly author_ids: readonly (string)[];
  readonly may_author_approve: boolean;
  readonly status: "pending" | "approved" | "rejected" | "cancelled" | "expired";
  readonly requested_by: string;
  readonly requested_at: string;
  readonly expires_at: string | null;
  readonly settled_at: string | null;
  readonly decisions: readonly ({
    readonly actor: string;
    readonly verdict: "approve" | "reject";
    readonly comment: string;
    readonly decided_at: string;
  })[];
}

export interface Run {
  readonly id: string;
  readonly number: number;
  readonly pipeline_id: string | null;
  readonly pipeline_name: string;
  readonly config_path: string;
  readonly trigger: string;
  readonly status: "pending" | "running" | "success" | "failed" | "cancelled";
  readonly reason: string | null;
  readonly git_ref: string | null;
  readonly git_sha: string | null;
  readonly concurrency_group: string | null;
  readonly rerun_of: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

export interface System {
  readonly version: string;
  readonly node_version: string;
  readonly started_at: string;
  readonly uptime_seconds: number;
  readonly memory_bytes: number;
  readonly executors: {
    readonly mode: string;
    readonly items: readonly ({
      readonly name: string;
      readonly available: boolean;
      readonly version: string;
      readonly reason: string;
    })[];
  };
  readonly database: {
    readonly kind: "sqlite" | "postgres";
    readonly version: string;
    readonly size_bytes: number;
    readonly latency_ms: number;
    readonly migrations: readonly (string)[];
  };
  readonly storage: {
    readonly used_bytes: number;
    readonly quota_bytes: number;
    readonly used_percent: number;
    readonly pressure_level: string;
  };
  readonly queue: {
    readonly runs_waiting: number;
    readonly runs_going_on: number;
    readonly jobs_going_on: number;
    readonly driven_here: number;
    readonly claimed: number;
  };
  readonly recent_errors: readonly ({
    readonly component: string;
    readonly what: string;
    readonly code: string | null;
    readonly message: string;
    readonly remedy: string;
    readonly count: number;
    readonly first_at: string;
    readonly last_at: string;
    readonly correlation_id: string | null;
  })[];
}

export interface RepositoryCheck {
  readonly url: string;
  readonly default_branch: string | null;
  readonly commit: string | null;
  readonly files: readonly ({
    readonly path: string;
    readonly format: string;
    readonly name: string | null;
    readonly problems: readonly (PipelineProblem)[];
    readonly error_count: number;
    readonly graph: DefinitionGraph | null;
    readonly inputs: readonly (PipelineInput)[];
  })[];
  readonly is_complete: boolean;
}

export interface RunDetails {
  readonly id: string;
  readonly number: number;
  readonly pipeline_id: string | null;
  readonly pipeline_name: string;
  readonly config_path: string;
  readonly trigger: string;
  readonly status: "pending" | "running" | "success" | "failed" | "cancelled";
  readonly reason: string | null;
  readonly git_ref: string | null;
  readonly git_sha: string | null;
  readonly concurrency_group: string | null;
  readonly rerun_of: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly inputs: Readonly<Record<string, string | number | boolean>>;
  readonly trigger_event: Readonly<Record<string, unknown>>;
  readonly progress: RunProgress | null;
}

export interface RunProgress {
  readonly status: "PENDING" | "RUNNING" | "SUCCESS" | "FAILED" | "CANCELED";
  readonly phase: "BUILDING" | "BUILT" | "TESTING" | "TESTED" | "DEPLOYING" | "DEPLOYED" | null;
  readonly stages: readonly ({
    readonly stage_type: "build" | "test" | "deploy";
    readonly state: "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED";
    readonly reason: string | null;
  })[];
}

export interface Artifact {
  readonly id: string;
  readonly name: string;
  readonly job_id: string;
  readonly job: string;
  readonly content_hash: string;
  readonly size_bytes: number;
  readonly file_count: number;
  readonly created_at: string;
}

export interface RunGraph {
  readonly jobs: readonly ({
    readonly id: string;
    readonly name: string;
    readonly status: "pending" | "running" | "success" | "failed" | "cancelled" | "retry";
    readonly reason: string | null;
    readonly deploys_to: string | null;
    readonly level: number;
    readonly started_at: string | null;
    readonly finished_at: string | null;
  })[];
  readonly edges: readonly ({
    readonly from: string;
    readonly to: string;
  })[];
}

export interface RunTimeline {
  readonly run_id: string;
  readonly status: "pending" | "running" | "success" | "failed" | "cancelled";
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly jobs: readonly (JobTimeline)[];
  readonly critical_path: readonly (string)[];
}

export interface JobTimeline {
  readonly id: string;
  readonly name: string;
  readonly status: "pending" | "running" | "success" | "failed" | "cancelled" | "retry";
  readonly reason: string | null;
  readonly ready_at: string | null;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly is_critical: boolean;
  readonly attempts: readonly ({
    readonly attempt: number;
    readonly executor: string;
    readonly started_at: string;
    readonly finished_at: string | null;
    readonly retry: {
      readonly reason: string;
      readonly message: string;
    } | null;
  })[];
  readonly spans: readonly ({
    readonly kind: "queued" | "preparing" | "step" | "finishing" | "waiting";
    readonly step: string | null;
    readonly attempt: number;
    readonly started_at: string;
    readonly finished_at: string | null;
    readonly status: string | null;
  })[];
}

export interface RunEnvironment {
  readonly variables: readonly (RunVariable)[];
  readonly secrets: readonly (string)[];
  readonly jobs: readonly ({
    readonly id: string;
    readonly name: string;
    readonly variables: readonly (RunVariable)[];
    readonly outputs: Readonly<Record<string, string>>;
  })[];
}

export interface RunVariable {
  readonly name: string;
  readonly value: string | null;
  readonly is_template: boolean;
  readonly source: "input" | "given" | "git" | "file";
}

export interface Job {
  readonly id: string;
  readonly name: string;
  readonly stage_type: "build" | "test" | "deploy" | null;
  readonly status: "pending" | "running" | "success" | "failed" | "cancelled" | "retry";
  readonly reason: string | null;
  readonly message: string;
  readonly deploys_to: string | null;
  readonly held_by: string | null;
  readonly attempts: number;
  readonly depends_on: readonly (string)[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly steps: readonly (Step)[];
  readonly artifacts: readonly (Artifact)[];
}

export interface Step {
  readonly id: string;
  readonly name: string;
  readonly position: number;
  readonly status: "pending" | "running" | "success" | "failed" | "cancelled";
  readonly exit_code: number | null;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

export interface LogPage {
  readonly items: readonly (LogLine)[];
  readonly next_line: number;
  readonly total_lines: number;
}

export interface LogLine {
  readonly line: number;
  readonly time: string;
  readonly stream: "stdout" | "stderr" | "system";
  readonly step: number;
  readonly attempt: number;
  readonly text: string;
}

export interface LogMatches {
  readonly lines: readonly (number)[];
  readonly next_line: number;
  readonly total_lines: number;
  readonly is_complete: boolean;
}

export interface LogProblems {
  readonly items: readonly ({
    readonly line: number;
    readonly level: "error" | "warning";
    readonly rule: string;
    readonly step: number;
    readonly attempt: number;
    readonly text: string;
  })[];
  readonly first_error: {
    readonly line: number;
    readonly level: "error" | "warning";
    readonly rule: string;
    readonly step: number;
    readonly attempt: number;
    readonly text: string;
  } | null;
  readonly sections: readonly ({
    readonly attempt: number;
    readonly step: number;
    readonly from_line: number;
    readonly lines: number;
  })[];
  readonly next_line: number;
  readonly total_lines: number;
  readonly is_complete: boolean;
}

export interface JobExplanation {
  readonly run: number;
  readonly run_status: string;
  readonly trigger: {
    readonly event: string;
    readonly ref: string | null;
    readonly reason: string | null;
  };
  readonly job: string;
  readonly status: string | null;
  readonly reason: string | null;
  readonly summary: string;
  readonly rules: readonly ({
    readonly rule: string;
    readonly outcome: string;
    readonly text: string;
  })[];
  readonly attempts: readonly ({
    readonly attempt: number;
    readonly executor: string;
  })[];
  readonly remedy: string;
}

export interface SearchHit {
  readonly kind: "project" | "pipeline" | "run" | "job" | "commit" | "branch" | "tag" | "ref" | "pull_request";
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly project: {
    readonly id: string;
    readonly name: string;
  } | null;
  readonly pipeline_id: string | null;
  readonly run_id: string | null;
  readonly job_id: string | null;
  readonly status: string | null;
  readonly matched_at: string;
}

export interface ArtifactMetadata {
  readonly id: string;
  readonly name: string;
  readonly job_id: string;
  readonly job: string;
  readonly content_hash: string;
  readonly size_bytes: number;
  readonly file_count: number;
  readonly created_at: string;
  readonly run_id: string;
}

export interface ListedArtifact {
  readonly id: string;
  readonly name: string;
  readonly job_id: string;
  readonly job: string;
  readonly content_hash: string;
  readonly size_bytes: number;
  readonly file_count: number;
  readonly created_at: string;
  readonly run_id: string;
  readonly run_number: number;
  readonly pipeline_id: string | null;
  readonly project_id: string | null;
}

export interface ArtifactFiles {
  readonly items: readonly ({
    readonly path: string;
    readonly kind: "file" | "link";
    readonly size_bytes: number;
    readonly executable: boolean;
    readonly sha256: string | null;
    readonly target: string | null;
  })[];
  readonly total: number;
  readonly next_after: string | null;
}

export interface ArtifactVerification {
  readonly result: "valid" | "corrupted" | "missing" | "failed";
  readonly contents: number;
  readonly verified_at: string;
  readonly problems: readonly ({
    readonly content_hash: string;
    readonly result: string;
    readonly detail: string;
  })[];
}

export interface ArtifactRetention {
  readonly decision: "keep" | "delete";
  readonly reason: string;
  readonly policy: string | null;
  readonly kept_until: string | null;
  readonly last_accessed_at: string | null;
  readonly pressure_level: string;
  readonly references: readonly ({
    readonly kind: "run" | "pin";
    readonly owner: string;
    readonly reason: string;
  })[];
}

export interface Storage {
  readonly counted_at: string;
  readonly used_bytes: number;
  readonly quota_bytes: number;
  readonly used_percent: number;
  readonly pressure_level: "normal" | "yellow" | "orange" | "red" | "critical";
  readonly action: string;
  readonly thresholds: readonly ({
    readonly level: "normal" | "yellow" | "orange" | "red" | "critical";
    readonly from_percent: number;
    readonly action: string;
  })[];
  readonly contents: number;
  readonly quarantined: number;
  readonly cleanup_every_hours: number;
  readonly last_cleanup: {
    readonly finished_at: string;
    readonly removed: number;
    readonly reclaimed_bytes: number;
    readonly corrupted: number;
    readonly pressure_level: "normal" | "yellow" | "orange" | "red" | "critical";
  } | null;
  readonly projects: readonly ({
    readonly project_id: string | null;
    readonly name: string | null;
    readonly artifacts: number;
    readonly bytes: number;
  })[];
  readonly is_complete: boolean;
  readonly policies: readonly ({
    readonly name: string;
    readonly pattern: string;
    readonly max_age_days: number;
    readonly grace_period_hours: number;
    readonly priority: number;
    readonly enabled: boolean;
  })[];
}

export interface ExecutionReport {
  readonly id: string;
  readonly status: "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELED";
  readonly changed: boolean;
}

export interface PushOutcome {
  readonly runs: readonly ({
    readonly id: string;
    readonly number: number;
    readonly pipeline_id: string;
    readonly pipeline: string;
  })[];
  readonly problems: readonly ({
    readonly pipeline: string;
    readonly ref: string;
    readonly code: string;
    readonly detail: string;
  })[];
  readonly skipped: readonly ({
    readonly pipeline: string;
    readonly ref: string;
    readonly detail: string;
  })[];
}

export interface ReceivedWebhook {
  readonly outcome: "accepted" | "repeated" | "ignored";
  readonly detail: string;
  readonly id: string | null;
}

export interface CreatedWebhookSecret {
  readonly id: string;
  readonly source: string;
  readonly address: string | null;
  readonly webhook_path: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly secret: string;
}

export interface WebhookSecret {
  readonly id: string;
  readonly source: string;
  readonly address: string | null;
  readonly webhook_path: string;
  readonly created_at: string;
  readonly expires_at: string | null;
}

export interface SignedIn {
  readonly user: string;
  readonly csrf_token: string;
}

export interface Me {
  readonly kind: "user" | "machine" | "system";
  readonly id: string;
  readonly actor: string;
  readonly server_admin: boolean;
  readonly roles: Readonly<Record<string, Role>>;
  readonly permissions: readonly (string)[] | null;
  readonly csrf_token: string | null;
}

export type Role = "viewer" | "developer" | "approver" | "admin";

export interface Session {
  readonly id: string;
  readonly method: "password" | "link" | "oidc";
  readonly address: string;
  readonly user_agent: string;
  readonly created_at: string;
  readonly last_seen_at: string;
  readonly expires_at: string;
  readonly is_current: boolean;
}

export interface User {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
  readonly email: string | null;
  readonly server_admin: boolean;
  readonly has_password: boolean;
  readonly created_at: string;
  readonly disabled_at: string | null;
}

export interface SignInLink {
  readonly path: string;
  readonly expires_at: string;
}

export interface Member {
  readonly user_id: string;
  readonly user: string;
  readonly role: Role;
}

export interface Token {
  readonly id: string;
  readonly kind: "personal" | "machine";
  readonly name: string;
  readonly prefix: string;
  readonly project_id: string | null;
  readonly role: Role | null;
  readonly permissions: readonly (Permission)[];
  readonly created_by: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
}

export type Permission = "projects:read" | "pipelines:read" | "runs:read" | "logs:read" | "artifacts:read" | "environments:read" | "members:read" | "runs:trigger" | "runs:cancel" | "runs:rerun" | "secrets:list" | "approvals:decide" | "projects:write" | "pipelines:write" | "environments:write" | "members:write" | "secrets:write" | "tokens:manage" | "audit:read" | "metrics:read" | "tokens:own" | "executions:report" | "webhooks:receive" | "users:manage" | "server:admin";

export interface CreatedToken {
  readonly token: Token;
  readonly text: string;
}

export interface Secret {
  readonly id: string;
  readonly name: string;
  readonly environment: string;
  readonly branch: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly updated_by: string;
}

export interface Environment {
  readonly id: string;
  readonly project_id: string;
  readonly name: string;
  readonly description: string;
  readonly branches: readonly (string)[];
  readonly required_approvals: number;
  readonly approvers: readonly (string)[];
  readonly prevent_self_approval: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  readonly updated_by: string;
}

export interface AuditEntry {
  readonly seq: number;
  readonly event_id: string;
  readonly timestamp: string;
  readonly actor_id: string;
  readonly action: string;
  readonly resource: string;
  readonly project_id: string | null;
  readonly context: Readonly<Record<string, unknown>>;
  readonly previous_hash: string;
  readonly integrity_hash: string;
}

export interface AuditVerdict {
  readonly is_intact: boolean;
  readonly entries: number | null;
  readonly head_hash: string | null;
  readonly broken_at: number | null;
  readonly problem: "missing" | "changed" | "out_of_order" | "cut_off" | null;
}

/** What each operation takes and answers. */
export interface Operations {
  /** Whether the process answers. */
  health: {
    args: {
      readonly signal?: AbortSignal;
    };
    result: Health;
  };
  /** Whether requests should be sent here: the store answers and the server is not ending. */
  ready: {
    args: {
      readonly signal?: AbortSignal;
    };
    result: Health;
  };
  /** What Prometheus reads; names of pipelines and jobs are among it. */
  metrics: {
    args: {
      readonly signal?: AbortSignal;
    };
    result: null;
  };
  /** Create a project. */
  createProject: {
    args: {
      readonly body: {
        readonly name: string;
      };
      readonly signal?: AbortSignal;
    };
    result: Project;
  };
  /** List projects in the order they were made. */
  listProjects: {
    args: {
      readonly query?: {
        readonly limit?: number | undefined;
        readonly cursor?: string | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (Project)[];
      readonly next_cursor: string | null;
    };
  };
  /** One project. */
  getProject: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: Project;
  };
  /** Rename a project. */
  changeProject: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly name: string;
      };
      readonly signal?: AbortSignal;
    };
    result: Project;
  };
  /** Remove a project that has no pipelines. */
  removeProject: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: null;
  };
  /** Create a pipeline of a repository and the path of a pipeline file in it. */
  createPipeline: {
    args: {
      readonly body: {
        readonly project_id: string;
        readonly name: string;
        readonly repository_url: string;
        readonly default_branch?: string | undefined;
        readonly config_path?: string | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: Pipeline;
  };
  /** List pipelines in the order they were made. */
  listPipelines: {
    args: {
      readonly query?: {
        readonly limit?: number | undefined;
        readonly cursor?: string | undefined;
        readonly project_id?: string | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (Pipeline)[];
      readonly next_cursor: string | null;
    };
  };
  /** One pipeline. */
  getPipeline: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: Pipeline;
  };
  /** Rename a pipeline, or change where its file is; the default branch is that of all pipelines of its repository. */
  changePipeline: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly name?: string | undefined;
        readonly config_path?: string | undefined;
        readonly default_branch?: string | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: Pipeline;
  };
  /** Remove a pipeline that has no runs; of others they are history. */
  removePipeline: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: null;
  };
  /** The pipeline file at the head of a branch or tag, as it was fetched last or with `refresh` is now: its text, problems, graph and inputs. */
  getPipelineDefinition: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        readonly ref?: string | undefined;
        readonly refresh?: "true" | "false" | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: PipelineFile;
  };
  /** How runs of a pipeline went over the last days: outcomes, durations, queue, slow and flaky jobs. */
  getPipelineStatistics: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        readonly days?: number | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: PipelineStatistics;
  };
  /** How a pipeline's repository tells the server of pushes, and what it told last. */
  getPipelineHook: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: PipelineHook;
  };
  /** What waits for the caller: approvals to decide on, and own runs that failed since then, within a week. */
  listNotifications: {
    args: {
      readonly query?: {
        readonly since?: string | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: Notifications;
  };
  /** How the server is: versions, executors, database, storage, queue, and what went wrong lately. */
  getSystem: {
    args: {
      readonly signal?: AbortSignal;
    };
    result: System;
  };
  /** Look whether a repository can be reached, and which pipeline files it has; nothing is kept. */
  checkRepository: {
    args: {
      readonly body: {
        readonly repository_url: string;
        readonly project_id?: string | undefined;
        readonly credentials?: {
          readonly username: string;
          readonly password: string;
        } | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: RepositoryCheck;
  };
  /** Start a run of a pipeline. */
  triggerRun: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly ref?: string | undefined;
        readonly sha?: string | undefined;
        readonly variables?: Readonly<Record<string, string | number | boolean>> | undefined;
        readonly inputs?: Readonly<Record<string, string | number | boolean>> | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly id: string;
      readonly number: number;
      readonly status: "pending" | "running" | "success" | "failed" | "cancelled";
    };
  };
  /** List runs of a pipeline, newest first. */
  listRunsOfPipeline: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        readonly limit?: number | undefined;
        readonly cursor?: string | undefined;
        readonly status?: "pending" | "running" | "success" | "failed" | "cancelled" | undefined;
        readonly ref?: string | undefined;
        readonly branch?: string | undefined;
        readonly trigger?: string | undefined;
        readonly since?: string | undefined;
        readonly until?: string | undefined;
        readonly number?: number | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (Run)[];
      readonly next_cursor: string | null;
    };
  };
  /** List runs of all pipelines, newest first. */
  listRuns: {
    args: {
      readonly query?: {
        readonly limit?: number | undefined;
        readonly cursor?: string | undefined;
        readonly status?: "pending" | "running" | "success" | "failed" | "cancelled" | undefined;
        readonly ref?: string | undefined;
        readonly branch?: string | undefined;
        readonly trigger?: string | undefined;
        readonly since?: string | undefined;
        readonly until?: string | undefined;
        readonly number?: number | undefined;
        readonly project_id?: string | undefined;
        readonly pipeline_id?: string | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (Run)[];
      readonly next_cursor: string | null;
    };
  };
  /** One run. */
  getRun: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: RunDetails;
  };
  /** End a run: its steps get SIGTERM and, after 30 s, SIGKILL. */
  cancelRun: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: Run;
  };
  /** What happened in a run, and what happens, as server-sent events; resumes behind Last-Event-ID. */
  followRun: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        readonly after?: number | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: null;
  };
  /** The artifacts of a run, by job and name. */
  listArtifactsOfRun: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (Artifact)[];
    };
  };
  /** The jobs of a run as a graph: which waits for which, and how each stands. */
  getRunGraph: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: RunGraph;
  };
  /** The definition that a run was started with, in the form in which it is stored. */
  getRunDefinition: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: Readonly<Record<string, unknown>>;
  };
  /** Where the time of a run went: what each job did and waited for, and the critical path. */
  getRunTimeline: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: RunTimeline;
  };
  /** Where the time of a job went: queue, preparation, steps, artifacts, waits between attempts. */
  getJobTimeline: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: JobTimeline;
  };
  /** The variables that a run was given and what its jobs handed on; of secrets the names. */
  getRunEnvironment: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: RunEnvironment;
  };
  /** Run the commit of a run again: all of it, what failed, or some jobs. Outputs and artifacts of jobs that succeeded are taken from the earlier run, except where variables change. */
  rerunRun: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly only?: "all" | "failed" | undefined;
        readonly jobs?: readonly (string)[] | undefined;
        readonly variables?: Readonly<Record<string, string | number | boolean>> | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly id: string;
      readonly number: number;
      readonly status: "pending" | "running" | "success" | "failed" | "cancelled";
    };
  };
  /** The jobs of a run with their steps and artifacts, in the order of the definition. */
  listJobs: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (Job)[];
    };
  };
  /** One job with its steps and artifacts. */
  getJob: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly id: string;
      readonly name: string;
      readonly stage_type: "build" | "test" | "deploy" | null;
      readonly status: "pending" | "running" | "success" | "failed" | "cancelled" | "retry";
      readonly reason: string | null;
      readonly message: string;
      readonly deploys_to: string | null;
      readonly held_by: string | null;
      readonly attempts: number;
      readonly depends_on: readonly (string)[];
      readonly outputs: Readonly<Record<string, string>>;
      readonly started_at: string | null;
      readonly finished_at: string | null;
      readonly steps: readonly (Step)[];
      readonly artifacts: readonly (Artifact)[];
      readonly run_id: string;
    };
  };
  /** Lines of a job's log, all or those that match; with follow=true as server-sent events until the job has settled. */
  getJobLog: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        readonly from?: number | undefined;
        readonly limit?: number | undefined;
        readonly follow?: string | undefined;
        readonly step?: number | undefined;
        readonly q?: string | undefined;
        readonly tail?: number | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: LogPage;
  };
  /** Numbers of the lines of a job's log that match; looks at a bounded number of them at a time. */
  searchJobLog: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly query: {
        readonly q: string;
        readonly regex?: "true" | "false" | undefined;
        readonly case_sensitive?: "true" | "false" | undefined;
        readonly from?: number | undefined;
        readonly limit?: number | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: LogMatches;
  };
  /** Lines of a job's log that look like errors and warnings, its first error, and which lines are of which step. */
  listJobLogProblems: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        readonly from?: number | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: LogProblems;
  };
  /** A job's whole log as text, as it was printed and masked. */
  downloadJobLog: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        readonly timestamps?: "true" | "false" | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: null;
  };
  /** Why a job ran, waits, was skipped or failed. */
  explainJob: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: JobExplanation;
  };
  /** What happens that the caller may see, in runs and beside them, as server-sent events from now on; resumes behind Last-Event-ID or `after`, from the beginning behind 0. Each has time, run_id, project_id, pipeline_id and job_id, null where there is none. Kinds of runs: run.started, run.resumed, run.finished, job.started, job.retry (another attempt comes), job.finished (with its artifacts and outputs stored), step.started, step.finished. Other kinds, with their fields: project.created (name); project.changed (name); project.removed (name); pipeline.created (name); pipeline.changed (changed); pipeline.removed (name); delivery.received (delivery_id, source, repository_id, is_repeated); delivery.interpreted (delivery_id, source, repository_id, outcome, run_ids); delivery.refused (delivery_id, source, repository_id); approval.requested (approval_id, kind, environment); approval.decided (approval_id, kind, environment, verdict, status); approval.expired (approval_id, kind, environment); artifact.stored (artifact_id, job, name, content_hash, size_bytes, file_count); artifact.removed (content_hash, reason); artifact.quarantined (content_hash); environment.changed (name, change); secret.changed (name, environment, branch, change); member.changed (user, role). */
  followEvents: {
    args: {
      readonly query?: {
        readonly after?: number | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: null;
  };
  /** Find projects, pipelines, runs (`#12`, or the beginning of an id), jobs of recent runs, commits (from 4 digits on), branches, tags and pull requests; best first. */
  search: {
    args: {
      readonly query: {
        readonly q: string;
        readonly limit?: number | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (SearchHit)[];
    };
  };
  /** What is known of an artifact. */
  getArtifactMetadata: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: ArtifactMetadata;
  };
  /** The files of an artifact as a tar archive. */
  downloadArtifact: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: null;
  };
  /** List artifacts of all runs, newest first; a page may be short though there is a next one. */
  listArtifacts: {
    args: {
      readonly query?: {
        readonly limit?: number | undefined;
        readonly cursor?: string | undefined;
        readonly project_id?: string | undefined;
        readonly run_id?: string | undefined;
        readonly job?: string | undefined;
        readonly name?: string | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (ListedArtifact)[];
      readonly next_cursor: string | null;
    };
  };
  /** The files of an artifact by their paths. */
  listArtifactFiles: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        readonly limit?: number | undefined;
        readonly after?: string | undefined;
        readonly prefix?: string | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: ArtifactFiles;
  };
  /** One file of an artifact. */
  downloadArtifactFile: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly query: {
        readonly path: string;
      };
      readonly signal?: AbortSignal;
    };
    result: null;
  };
  /** Read all of an artifact and compare it with what was stored. */
  verifyArtifact: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: ArtifactVerification;
  };
  /** Which rule keeps an artifact, and until when. */
  getArtifactRetention: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: ArtifactRetention;
  };
  /** How much the artifacts take, of whom they are, and what is done when it gets full. */
  getStorage: {
    args: {
      readonly signal?: AbortSignal;
    };
    result: Storage;
  };
  /** What an executor reports of an execution, with the token it was given for it as Authorization: Bearer; the same report again changes nothing. */
  reportExecution: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly status: "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELED";
        readonly exit_code?: number | null | undefined;
        readonly logs_ref?: string | null | undefined;
        readonly message?: string | null | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: ExecutionReport;
  };
  /** What a post-receive hook of a plain Git repository tells: starts the pipelines of that repository. */
  receiveGitPush: {
    args: {
      readonly body: {
        readonly repository: string;
        readonly updates: readonly ({
          readonly old: string;
          readonly new: string;
          readonly ref: string;
        })[];
      };
      readonly signal?: AbortSignal;
    };
    result: PushOutcome;
  };
  /** A signed webhook of GitHub, GitLab, Gitea, Forgejo, or of any sender of Standard Webhooks. */
  receiveWebhook: {
    args: {
      readonly params: {
        readonly source: string;
      };
      readonly query?: {
        readonly repository?: string | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: ReceivedWebhook;
  };
  /** Set what webhooks of a pipeline's repository are signed with; the ones before are valid for a while longer. */
  createWebhookSecret: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly source: string;
        readonly secret?: string | undefined;
        readonly address?: string | undefined;
        readonly overlap_seconds?: number | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: CreatedWebhookSecret;
  };
  /** List what webhooks of a pipeline's repository are signed with, without the secrets themselves. */
  listWebhookSecrets: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (WebhookSecret)[];
    };
  };
  /** Take webhooks that are signed with it no more. */
  removeWebhookSecret: {
    args: {
      readonly params: {
        readonly id: string;
        readonly secret: string;
      };
      readonly signal?: AbortSignal;
    };
    result: null;
  };
  /** List webhooks that were received, newest first: what each started, and why it did not start others. */
  listWebhookDeliveries: {
    args: {
      readonly query?: {
        readonly limit?: number | undefined;
        readonly cursor?: string | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (WebhookDelivery)[];
      readonly next_cursor: string | null;
    };
  };
  /** How one can sign in, besides a one-time link and a password. */
  getSignInWays: {
    args: {
      readonly signal?: AbortSignal;
    };
    result: {
      readonly oidc: boolean;
    };
  };
  /** Begin a session of a browser with a name and a password. */
  signInWithPassword: {
    args: {
      readonly body: {
        readonly name: string;
        readonly password: string;
      };
      readonly signal?: AbortSignal;
    };
    result: SignedIn;
  };
  /** Begin a session of a browser with the token of a one-time link. */
  signInWithLink: {
    args: {
      readonly body: {
        readonly token: string;
      };
      readonly signal?: AbortSignal;
    };
    result: SignedIn;
  };
  /** End the session of the browser that asks. */
  signOut: {
    args: {
      readonly signal?: AbortSignal;
    };
    result: null;
  };
  /** Who asks, and what they are where. */
  getMe: {
    args: {
      readonly signal?: AbortSignal;
    };
    result: Me;
  };
  /** Set one's own password, with the old one where there is one; ends one's other sessions. */
  setMyPassword: {
    args: {
      readonly body: {
        readonly password: string;
        readonly current_password?: string | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: null;
  };
  /** Where one is signed in. */
  listMySessions: {
    args: {
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (Session)[];
    };
  };
  /** Sign out elsewhere. */
  endMySession: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: null;
  };
  /** List users by name. */
  listUsers: {
    args: {
      readonly query?: {
        readonly limit?: number | undefined;
        readonly cursor?: string | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (User)[];
      readonly next_cursor: string | null;
    };
  };
  /** Invite a user, who signs in by a link, or through the identity provider with this address. */
  createUser: {
    args: {
      readonly body: {
        readonly name: string;
        readonly display_name?: string | undefined;
        readonly email?: string | null | undefined;
        readonly server_admin?: boolean | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: User;
  };
  /** One user. */
  getUser: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: User;
  };
  /** Describe a user, disable or enable it, make it an administrator of the server or none. */
  changeUser: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly display_name?: string | undefined;
        readonly email?: string | null | undefined;
        readonly is_disabled?: boolean | undefined;
        readonly server_admin?: boolean | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: User;
  };
  /** A link with which a user signs in once, within ten minutes; it is shown once. */
  createSignInLink: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: SignInLink;
  };
  /** Who has which role in a project. */
  listMembers: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (Member)[];
    };
  };
  /** Give a user a role in a project, in place of the one it has. */
  setMember: {
    args: {
      readonly params: {
        readonly id: string;
        readonly user: string;
      };
      readonly body: {
        readonly role: Role;
      };
      readonly signal?: AbortSignal;
    };
    result: Member;
  };
  /** Take a user's role in a project away. */
  removeMember: {
    args: {
      readonly params: {
        readonly id: string;
        readonly user: string;
      };
      readonly signal?: AbortSignal;
    };
    result: null;
  };
  /** One's own tokens. */
  listMyTokens: {
    args: {
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (Token)[];
    };
  };
  /** A token of one's own, which may of what one may oneself what it names; its text is shown once. */
  createMyToken: {
    args: {
      readonly body: {
        readonly name: string;
        readonly permissions: readonly (Permission)[];
        readonly expires_at?: string | undefined;
        readonly project_id?: string | null | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: CreatedToken;
  };
  /** Revoke a token of one's own, or of a machine of a project that one administers. */
  revokeToken: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: null;
  };
  /** Tokens of machines of a project. */
  listMachineTokens: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (Token)[];
    };
  };
  /** A token of a machine, which belongs to a project; its text is shown once. */
  createMachineToken: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly name: string;
        readonly permissions: readonly (Permission)[];
        readonly expires_at?: string | undefined;
        readonly role: Role;
      };
      readonly signal?: AbortSignal;
    };
    result: CreatedToken;
  };
  /** Names and scopes of a project's secrets; nobody is shown a value. */
  listSecrets: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (Secret)[];
    };
  };
  /** Keep a secret, in place of the one of the same name and scope. */
  setSecret: {
    args: {
      readonly params: {
        readonly id: string;
        readonly name: string;
      };
      readonly body: {
        readonly value: string;
        readonly environment?: string | undefined;
        readonly branch?: string | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: Secret;
  };
  /** Forget a secret of this name and scope. */
  removeSecret: {
    args: {
      readonly params: {
        readonly id: string;
        readonly name: string;
      };
      readonly query?: {
        readonly environment?: string | undefined;
        readonly branch?: string | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: null;
  };
  /** Encrypt anew what is not encrypted with the newest key; interrupted, it goes on when it is called again. */
  reencryptSecrets: {
    args: {
      readonly signal?: AbortSignal;
    };
    result: {
      readonly reencrypted: number;
      readonly unreadable: readonly (Secret)[];
      readonly missing_keys: readonly (string)[];
    };
  };
  /** The environments of a project and what each asks for, by name. */
  listEnvironments: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (Environment)[];
    };
  };
  /** Make an environment, with the rules that a job which names it has to meet. */
  createEnvironment: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly name: string;
        readonly description?: string | undefined;
        readonly branches?: readonly (string)[] | undefined;
        readonly required_approvals?: number | undefined;
        readonly approvers?: readonly (string)[] | undefined;
        readonly prevent_self_approval?: boolean | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: Environment;
  };
  /** One environment. */
  getEnvironment: {
    args: {
      readonly params: {
        readonly id: string;
        readonly name: string;
      };
      readonly signal?: AbortSignal;
    };
    result: Environment;
  };
  /** Change what an environment asks for; what is not said stays as it is. */
  changeEnvironment: {
    args: {
      readonly params: {
        readonly id: string;
        readonly name: string;
      };
      readonly body: {
        readonly description?: string | undefined;
        readonly branches?: readonly (string)[] | undefined;
        readonly required_approvals?: number | undefined;
        readonly approvers?: readonly (string)[] | undefined;
        readonly prevent_self_approval?: boolean | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: Environment;
  };
  /** Delete an environment; its secrets stay, and jobs that wait for its approval are refused. */
  removeEnvironment: {
    args: {
      readonly params: {
        readonly id: string;
        readonly name: string;
      };
      readonly signal?: AbortSignal;
    };
    result: null;
  };
  /** What waits to be approved, the oldest first, 200 at most. */
  listApprovals: {
    args: {
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (Approval)[];
    };
  };
  /** What of a run waits or waited to be approved. */
  listApprovalsOfRun: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (Approval)[];
    };
  };
  /** One approval. */
  getApproval: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly signal?: AbortSignal;
    };
    result: Approval;
  };
  /** Approve what waits. */
  approve: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly comment?: string | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: Approval;
  };
  /** Refuse what waits: one is enough. */
  reject: {
    args: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly comment?: string | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: Approval;
  };
  /** What was changed by whom, in its order or from its end: of one project, or for administrators of all. */
  listAudit: {
    args: {
      readonly query?: {
        readonly limit?: number | undefined;
        readonly cursor?: string | undefined;
        readonly project_id?: string | undefined;
        readonly actor_id?: string | undefined;
        readonly action?: string | undefined;
        readonly resource?: string | undefined;
        readonly order?: "asc" | "desc" | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: {
      readonly items: readonly (AuditEntry)[];
      readonly next_cursor: string | null;
    };
  };
  /** The audit log as lines of JSON: of all of it, anybody can compute the hashes again. */
  exportAudit: {
    args: {
      readonly query?: {
        readonly project_id?: string | undefined;
        readonly actor_id?: string | undefined;
        readonly action?: string | undefined;
        readonly resource?: string | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: null;
  };
  /** Whether the log is as it was written, and still holds an entry of an earlier export. */
  verifyAudit: {
    args: {
      readonly body: {
        readonly anchor?: {
          readonly seq: number;
          readonly integrity_hash: string;
        } | undefined;
      };
      readonly signal?: AbortSignal;
    };
    result: AuditVerdict;
  };
  /** This document. */
  getOpenApi: {
    args: {
      readonly signal?: AbortSignal;
    };
    result: Readonly<Record<string, unknown>>;
  };
}

export const OPERATIONS = {
  health: ["GET", "/health", null],
  ready: ["GET", "/ready", null],
  metrics: ["GET", "/metrics", "metrics:read"],
  createProject: ["POST", "/v1/projects", "projects:write"],
  listProjects: ["GET", "/v1/projects", "projects:read"],
  getProject: ["GET", "/v1/projects/{id}", "projects:read"],
  changeProject: ["PATCH", "/v1/projects/{id}", "projects:write"],
  removeProject: ["DELETE", "/v1/projects/{id}", "projects:write"],
  createPipeline: ["POST", "/v1/pipelines", "pipelines:write"],
  listPipelines: ["GET", "/v1/pipelines", "pipelines:read"],
  getPipeline: ["GET", "/v1/pipelines/{id}", "pipelines:read"],
  changePipeline: ["PATCH", "/v1/pipelines/{id}", "pipelines:write"],
  removePipeline: ["DELETE", "/v1/pipelines/{id}", "pipelines:write"],
  getPipelineDefinition: ["GET", "/v1/pipelines/{id}/definition", "pipelines:read"],
  getPipelineStatistics: ["GET", "/v1/pipelines/{id}/statistics", "runs:read"],
  getPipelineHook: ["GET", "/v1/pipelines/{id}/hook", "pipelines:write"],
  listNotifications: ["GET", "/v1/notifications", "runs:read"],
  getSystem: ["GET", "/v1/system", "metrics:read"],
  checkRepository: ["POST", "/v1/repositories/check", "pipelines:write"],
  triggerRun: ["POST", "/v1/pipelines/{id}/runs", "runs:trigger"],
  listRunsOfPipeline: ["GET", "/v1/pipelines/{id}/runs", "runs:read"],
  listRuns: ["GET", "/v1/pipeline-runs", "runs:read"],
  getRun: ["GET", "/v1/pipeline-runs/{id}", "runs:read"],
  cancelRun: ["POST", "/v1/pipeline-runs/{id}/cancel", "runs:cancel"],
  followRun: ["GET", "/v1/pipeline-runs/{id}/events", "runs:read"],
  listArtifactsOfRun: ["GET", "/v1/pipeline-runs/{id}/artifacts", "artifacts:read"],
  getRunGraph: ["GET", "/v1/pipeline-runs/{id}/graph", "runs:read"],
  getRunDefinition: ["GET", "/v1/pipeline-runs/{id}/definition", "runs:read"],
  getRunTimeline: ["GET", "/v1/pipeline-runs/{id}/timeline", "runs:read"],
  getJobTimeline: ["GET", "/v1/jobs/{id}/timeline", "runs:read"],
  getRunEnvironment: ["GET", "/v1/pipeline-runs/{id}/environment", "runs:read"],
  rerunRun: ["POST", "/v1/pipeline-runs/{id}/rerun", "runs:rerun"],
  listJobs: ["GET", "/v1/pipeline-runs/{id}/jobs", "runs:read"],
  getJob: ["GET", "/v1/jobs/{id}", "runs:read"],
  getJobLog: ["GET", "/v1/jobs/{id}/logs", "logs:read"],
  searchJobLog: ["GET", "/v1/jobs/{id}/logs/search", "logs:read"],
  listJobLogProblems: ["GET", "/v1/jobs/{id}/logs/problems", "logs:read"],
  downloadJobLog: ["GET", "/v1/jobs/{id}/logs/raw", "logs:read"],
  explainJob: ["GET", "/v1/jobs/{id}/explanation", "runs:read"],
  followEvents: ["GET", "/v1/events", "runs:read"],
  search: ["GET", "/v1/search", "runs:read"],
  getArtifactMetadata: ["GET", "/v1/artifacts/{id}/metadata", "artifacts:read"],
  downloadArtifact: ["GET", "/v1/artifacts/{id}/download", "artifacts:read"],
  listArtifacts: ["GET", "/v1/artifacts", "artifacts:read"],
  listArtifactFiles: ["GET", "/v1/artifacts/{id}/files", "artifacts:read"],
  downloadArtifactFile: ["GET", "/v1/artifacts/{id}/files/content", "artifacts:read"],
  verifyArtifact: ["POST", "/v1/artifacts/{id}/verify", "runs:trigger"],
  getArtifactRetention: ["GET", "/v1/artifacts/{id}/retention", "artifacts:read"],
  getStorage: ["GET", "/v1/storage", "metrics:read"],
  reportExecution: ["POST", "/v1/executions/{id}/status", null],
  receiveGitPush: ["POST", "/webhooks/git", "webhooks:receive"],
  receiveWebhook: ["POST", "/webhooks/{source}", null],
  createWebhookSecret: ["POST", "/v1/pipelines/{id}/webhook-secrets", "pipelines:write"],
  listWebhookSecrets: ["GET", "/v1/pipelines/{id}/webhook-secrets", "pipelines:write"],
  removeWebhookSecret: ["DELETE", "/v1/pipelines/{id}/webhook-secrets/{secret}", "pipelines:write"],
  listWebhookDeliveries: ["GET", "/v1/webhook-deliveries", "runs:read"],
  getSignInWays: ["GET", "/v1/sign-in", null],
  signInWithPassword: ["POST", "/v1/sign-in/password", null],
  signInWithLink: ["POST", "/v1/sign-in/link", null],
  signOut: ["POST", "/v1/sign-out", null],
  getMe: ["GET", "/v1/me", null],
  setMyPassword: ["POST", "/v1/me/password", "tokens:own"],
  listMySessions: ["GET", "/v1/me/sessions", "tokens:own"],
  endMySession: ["DELETE", "/v1/me/sessions/{id}", "tokens:own"],
  listUsers: ["GET", "/v1/users", "users:manage"],
  createUser: ["POST", "/v1/users", "users:manage"],
  getUser: ["GET", "/v1/users/{id}", "users:manage"],
  changeUser: ["PATCH", "/v1/users/{id}", "users:manage"],
  createSignInLink: ["POST", "/v1/users/{id}/sign-in-link", "server:admin"],
  listMembers: ["GET", "/v1/projects/{id}/members", "members:read"],
  setMember: ["PUT", "/v1/projects/{id}/members/{user}", "members:write"],
  removeMember: ["DELETE", "/v1/projects/{id}/members/{user}", "members:write"],
  listMyTokens: ["GET", "/v1/tokens", "tokens:own"],
  createMyToken: ["POST", "/v1/tokens", "tokens:own"],
  revokeToken: ["DELETE", "/v1/tokens/{id}", null],
  listMachineTokens: ["GET", "/v1/projects/{id}/tokens", "tokens:manage"],
  createMachineToken: ["POST", "/v1/projects/{id}/tokens", "tokens:manage"],
  listSecrets: ["GET", "/v1/projects/{id}/secrets", "secrets:list"],
  setSecret: ["PUT", "/v1/projects/{id}/secrets/{name}", "secrets:write"],
  removeSecret: ["DELETE", "/v1/projects/{id}/secrets/{name}", "secrets:write"],
  reencryptSecrets: ["POST", "/v1/secrets/reencrypt", "server:admin"],
  listEnvironments: ["GET", "/v1/projects/{id}/environments", "environments:read"],
  createEnvironment: ["POST", "/v1/projects/{id}/environments", "environments:write"],
  getEnvironment: ["GET", "/v1/projects/{id}/environments/{name}", "environments:read"],
  changeEnvironment: ["PATCH", "/v1/projects/{id}/environments/{name}", "environments:write"],
  removeEnvironment: ["DELETE", "/v1/projects/{id}/environments/{name}", "environments:write"],
  listApprovals: ["GET", "/v1/approvals", "runs:read"],
  listApprovalsOfRun: ["GET", "/v1/pipeline-runs/{id}/approvals", "runs:read"],
  getApproval: ["GET", "/v1/approvals/{id}", "runs:read"],
  approve: ["POST", "/v1/approvals/{id}/approve", "approvals:decide"],
  reject: ["POST", "/v1/approvals/{id}/reject", "approvals:decide"],
  listAudit: ["GET", "/v1/audit", "audit:read"],
  exportAudit: ["GET", "/v1/audit/export", "audit:read"],
  verifyAudit: ["POST", "/v1/audit/verify", "audit:read"],
  getOpenApi: ["GET", "/openapi.json", null],
} as const;

/** The least role that has a permission; "person", "machine" and "server" are no matter of roles. */
export const PERMISSIONS: Readonly<Record<string, string>> = {
  "projects:read": "viewer",
  "pipelines:read": "viewer",
  "runs:read": "viewer",
  "logs:read": "viewer",
  "artifacts:read": "viewer",
  "environments:read": "viewer",
  "members:read": "viewer",
  "runs:trigger": "developer",
  "runs:cancel": "developer",
  "runs:rerun": "developer",
  "secrets:list": "developer",
  "approvals:decide": "approver",
  "projects:write": "admin",
  "pipelines:write": "admin",
  "environments:write": "admin",
  "members:write": "admin",
  "secrets:write": "admin",
  "tokens:manage": "admin",
  "audit:read": "admin",
  "metrics:read": "admin",
  "tokens:own": "person",
  "executions:report": "machine",
  "webhooks:receive": "machine",
  "users:manage": "server",
  "server:admin": "server"
};
