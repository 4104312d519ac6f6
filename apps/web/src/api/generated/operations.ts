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
    readonly level: number;
    readonly started_at: string | null;
    readonly finished_at: string | null;
  })[];
  readonly edges: readonly ({
    readonly from: string;
    readonly to: string;
  })[];
}

export interface Job {
  readonly id: string;
  readonly name: string;
  readonly status: "pending" | "running" | "success" | "failed" | "cancelled" | "retry";
  readonly reason: string | null;
  readonly message: string;
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

export interface JobExplanation {
  readonly run: number;
  readonly run_status: string;
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

export interface Approval {
  readonly id: string;
  readonly project_id: string;
  readonly run_id: string;
  readonly kind: "deployment" | "fork_run" | "job";
  readonly subject: string;
  readonly environment: string;
  readonly digest: string;
  readonly required: number;
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
    params: undefined;
    query: undefined;
    body: undefined;
    result: Health;
  };
  /** Whether requests should be sent here: the store answers and the server is not ending. */
  ready: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: Health;
  };
  /** What Prometheus reads; names of pipelines and jobs are among it. */
  metrics: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: null;
  };
  /** Create a project. */
  createProject: {
    params: undefined;
    query: undefined;
    body: {
      readonly name: string;
    };
    result: Project;
  };
  /** List projects in the order they were made. */
  listProjects: {
    params: undefined;
    query: {
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    body: undefined;
    result: {
      readonly items: readonly (Project)[];
      readonly next_cursor: string | null;
    };
  };
  /** One project. */
  getProject: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: Project;
  };
  /** Create a pipeline of a repository and the path of a pipeline file in it. */
  createPipeline: {
    params: undefined;
    query: undefined;
    body: {
      readonly project_id: string;
      readonly name: string;
      readonly repository_url: string;
      readonly default_branch?: string | undefined;
      readonly config_path?: string | undefined;
    };
    result: Pipeline;
  };
  /** List pipelines in the order they were made. */
  listPipelines: {
    params: undefined;
    query: {
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
      readonly project_id?: string | undefined;
    };
    body: undefined;
    result: {
      readonly items: readonly (Pipeline)[];
      readonly next_cursor: string | null;
    };
  };
  /** One pipeline. */
  getPipeline: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: Pipeline;
  };
  /** Start a run of a pipeline. */
  triggerRun: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      readonly ref?: string | undefined;
      readonly sha?: string | undefined;
      readonly variables?: Readonly<Record<string, string | number | boolean>> | undefined;
      readonly inputs?: Readonly<Record<string, string | number | boolean>> | undefined;
    };
    result: {
      readonly id: string;
      readonly number: number;
      readonly status: "pending" | "running" | "success" | "failed" | "cancelled";
    };
  };
  /** List runs of a pipeline, newest first. */
  listRunsOfPipeline: {
    params: {
      readonly id: string;
    };
    query: {
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
      readonly status?: "pending" | "running" | "success" | "failed" | "cancelled" | undefined;
      readonly ref?: string | undefined;
      readonly branch?: string | undefined;
      readonly trigger?: string | undefined;
      readonly since?: string | undefined;
      readonly until?: string | undefined;
    };
    body: undefined;
    result: {
      readonly items: readonly (Run)[];
      readonly next_cursor: string | null;
    };
  };
  /** List runs of all pipelines, newest first. */
  listRuns: {
    params: undefined;
    query: {
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
      readonly status?: "pending" | "running" | "success" | "failed" | "cancelled" | undefined;
      readonly ref?: string | undefined;
      readonly branch?: string | undefined;
      readonly trigger?: string | undefined;
      readonly since?: string | undefined;
      readonly until?: string | undefined;
      readonly project_id?: string | undefined;
    };
    body: undefined;
    result: {
      readonly items: readonly (Run)[];
      readonly next_cursor: string | null;
    };
  };
  /** One run. */
  getRun: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: RunDetails;
  };
  /** End a run: its steps get SIGTERM and, after 30 s, SIGKILL. */
  cancelRun: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: Run;
  };
  /** What happened in a run, and what happens, as server-sent events; resumes behind Last-Event-ID. */
  followRun: {
    params: {
      readonly id: string;
    };
    query: {
      readonly after?: number | undefined;
    };
    body: undefined;
    result: null;
  };
  /** The artifacts of a run, by job and name. */
  listArtifactsOfRun: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: {
      readonly items: readonly (Artifact)[];
    };
  };
  /** The jobs of a run as a graph: which waits for which, and how each stands. */
  getRunGraph: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: RunGraph;
  };
  /** The definition that a run was started with, in the form in which it is stored. */
  getRunDefinition: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: Readonly<Record<string, unknown>>;
  };
  /** Run the commit of a run again: all of it, what failed, or some jobs. Outputs and artifacts of jobs that succeeded are taken from the earlier run, except where variables change. */
  rerunRun: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      readonly only?: "all" | "failed" | undefined;
      readonly jobs?: readonly (string)[] | undefined;
      readonly variables?: Readonly<Record<string, string | number | boolean>> | undefined;
    };
    result: {
      readonly id: string;
      readonly number: number;
      readonly status: "pending" | "running" | "success" | "failed" | "cancelled";
    };
  };
  /** The jobs of a run with their steps and artifacts, in the order of the definition. */
  listJobs: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: {
      readonly items: readonly (Job)[];
    };
  };
  /** One job with its steps and artifacts. */
  getJob: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: {
      readonly id: string;
      readonly name: string;
      readonly status: "pending" | "running" | "success" | "failed" | "cancelled" | "retry";
      readonly reason: string | null;
      readonly message: string;
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
    params: {
      readonly id: string;
    };
    query: {
      readonly from?: number | undefined;
      readonly limit?: number | undefined;
      readonly follow?: string | undefined;
      readonly step?: number | undefined;
      readonly q?: string | undefined;
      readonly tail?: number | undefined;
    };
    body: undefined;
    result: LogPage;
  };
  /** Why a job ran, waits, was skipped or failed. */
  explainJob: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: JobExplanation;
  };
  /** What happens in all runs that the caller may see, as server-sent events from now on; resumes behind Last-Event-ID or `after`, from the beginning behind 0. */
  followEvents: {
    params: undefined;
    query: {
      readonly after?: number | undefined;
    };
    body: undefined;
    result: null;
  };
  /** What is known of an artifact. */
  getArtifactMetadata: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: ArtifactMetadata;
  };
  /** The files of an artifact as a tar archive. */
  downloadArtifact: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: null;
  };
  /** What an executor reports of an execution, with the token it was given for it as Authorization: Bearer; the same report again changes nothing. */
  reportExecution: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      readonly status: "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELED";
      readonly exit_code?: number | null | undefined;
      readonly logs_ref?: string | null | undefined;
      readonly message?: string | null | undefined;
    };
    result: ExecutionReport;
  };
  /** What a post-receive hook of a plain Git repository tells: starts the pipelines of that repository. */
  receiveGitPush: {
    params: undefined;
    query: undefined;
    body: {
      readonly repository: string;
      readonly updates: readonly ({
        readonly old: string;
        readonly new: string;
        readonly ref: string;
      })[];
    };
    result: PushOutcome;
  };
  /** A signed webhook of GitHub, GitLab, Gitea, Forgejo, or of any sender of Standard Webhooks. */
  receiveWebhook: {
    params: {
      readonly source: string;
    };
    query: {
      readonly repository?: string | undefined;
    };
    body: undefined;
    result: ReceivedWebhook;
  };
  /** Set what webhooks of a pipeline's repository are signed with; the ones before are valid for a while longer. */
  createWebhookSecret: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      readonly source: string;
      readonly secret?: string | undefined;
      readonly address?: string | undefined;
      readonly overlap_seconds?: number | undefined;
    };
    result: CreatedWebhookSecret;
  };
  /** List what webhooks of a pipeline's repository are signed with, without the secrets themselves. */
  listWebhookSecrets: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: {
      readonly items: readonly (WebhookSecret)[];
    };
  };
  /** Take webhooks that are signed with it no more. */
  removeWebhookSecret: {
    params: {
      readonly id: string;
      readonly secret: string;
    };
    query: undefined;
    body: undefined;
    result: null;
  };
  /** List webhooks that were received, newest first: what each started, and why it did not start others. */
  listWebhookDeliveries: {
    params: undefined;
    query: {
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    body: undefined;
    result: {
      readonly items: readonly (WebhookDelivery)[];
      readonly next_cursor: string | null;
    };
  };
  /** How one can sign in, besides a one-time link and a password. */
  getSignInWays: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: {
      readonly oidc: boolean;
    };
  };
  /** Begin a session of a browser with a name and a password. */
  signInWithPassword: {
    params: undefined;
    query: undefined;
    body: {
      readonly name: string;
      readonly password: string;
    };
    result: SignedIn;
  };
  /** Begin a session of a browser with the token of a one-time link. */
  signInWithLink: {
    params: undefined;
    query: undefined;
    body: {
      readonly token: string;
    };
    result: SignedIn;
  };
  /** End the session of the browser that asks. */
  signOut: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: null;
  };
  /** Who asks, and what they are where. */
  getMe: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: Me;
  };
  /** Set one's own password, with the old one where there is one; ends one's other sessions. */
  setMyPassword: {
    params: undefined;
    query: undefined;
    body: {
      readonly password: string;
      readonly current_password?: string | undefined;
    };
    result: null;
  };
  /** Where one is signed in. */
  listMySessions: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: {
      readonly items: readonly (Session)[];
    };
  };
  /** Sign out elsewhere. */
  endMySession: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: null;
  };
  /** List users by name. */
  listUsers: {
    params: undefined;
    query: {
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    };
    body: undefined;
    result: {
      readonly items: readonly (User)[];
      readonly next_cursor: string | null;
    };
  };
  /** Invite a user, who signs in by a link, or through the identity provider with this address. */
  createUser: {
    params: undefined;
    query: undefined;
    body: {
      readonly name: string;
      readonly display_name?: string | undefined;
      readonly email?: string | null | undefined;
      readonly server_admin?: boolean | undefined;
    };
    result: User;
  };
  /** One user. */
  getUser: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: User;
  };
  /** Describe a user, disable or enable it, make it an administrator of the server or none. */
  changeUser: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      readonly display_name?: string | undefined;
      readonly email?: string | null | undefined;
      readonly is_disabled?: boolean | undefined;
      readonly server_admin?: boolean | undefined;
    };
    result: User;
  };
  /** A link with which a user signs in once, within ten minutes; it is shown once. */
  createSignInLink: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: SignInLink;
  };
  /** Who has which role in a project. */
  listMembers: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: {
      readonly items: readonly (Member)[];
    };
  };
  /** Give a user a role in a project, in place of the one it has. */
  setMember: {
    params: {
      readonly id: string;
      readonly user: string;
    };
    query: undefined;
    body: {
      readonly role: Role;
    };
    result: Member;
  };
  /** Take a user's role in a project away. */
  removeMember: {
    params: {
      readonly id: string;
      readonly user: string;
    };
    query: undefined;
    body: undefined;
    result: null;
  };
  /** One's own tokens. */
  listMyTokens: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: {
      readonly items: readonly (Token)[];
    };
  };
  /** A token of one's own, which may of what one may oneself what it names; its text is shown once. */
  createMyToken: {
    params: undefined;
    query: undefined;
    body: {
      readonly name: string;
      readonly permissions: readonly (Permission)[];
      readonly expires_at?: string | undefined;
      readonly project_id?: string | null | undefined;
    };
    result: CreatedToken;
  };
  /** Revoke a token of one's own, or of a machine of a project that one administers. */
  revokeToken: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: null;
  };
  /** Tokens of machines of a project. */
  listMachineTokens: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: {
      readonly items: readonly (Token)[];
    };
  };
  /** A token of a machine, which belongs to a project; its text is shown once. */
  createMachineToken: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      readonly name: string;
      readonly permissions: readonly (Permission)[];
      readonly expires_at?: string | undefined;
      readonly role: Role;
    };
    result: CreatedToken;
  };
  /** Names and scopes of a project's secrets; nobody is shown a value. */
  listSecrets: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: {
      readonly items: readonly (Secret)[];
    };
  };
  /** Keep a secret, in place of the one of the same name and scope. */
  setSecret: {
    params: {
      readonly id: string;
      readonly name: string;
    };
    query: undefined;
    body: {
      readonly value: string;
      readonly environment?: string | undefined;
      readonly branch?: string | undefined;
    };
    result: Secret;
  };
  /** Forget a secret of this name and scope. */
  removeSecret: {
    params: {
      readonly id: string;
      readonly name: string;
    };
    query: {
      readonly environment?: string | undefined;
      readonly branch?: string | undefined;
    };
    body: undefined;
    result: null;
  };
  /** Encrypt anew what is not encrypted with the newest key; interrupted, it goes on when it is called again. */
  reencryptSecrets: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: {
      readonly reencrypted: number;
      readonly unreadable: readonly (Secret)[];
      readonly missing_keys: readonly (string)[];
    };
  };
  /** What waits to be approved, the oldest first, 200 at most. */
  listApprovals: {
    params: undefined;
    query: undefined;
    body: undefined;
    result: {
      readonly items: readonly (Approval)[];
    };
  };
  /** What of a run waits or waited to be approved. */
  listApprovalsOfRun: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: {
      readonly items: readonly (Approval)[];
    };
  };
  /** One approval. */
  getApproval: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: undefined;
    result: Approval;
  };
  /** Approve what waits. */
  approve: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      readonly comment?: string | undefined;
    };
    result: Approval;
  };
  /** Refuse what waits: one is enough. */
  reject: {
    params: {
      readonly id: string;
    };
    query: undefined;
    body: {
      readonly comment?: string | undefined;
    };
    result: Approval;
  };
  /** What was changed by whom, in its order: of one project, or for administrators of the server of all. */
  listAudit: {
    params: undefined;
    query: {
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
      readonly project_id?: string | undefined;
      readonly actor_id?: string | undefined;
      readonly action?: string | undefined;
      readonly resource?: string | undefined;
    };
    body: undefined;
    result: {
      readonly items: readonly (AuditEntry)[];
      readonly next_cursor: string | null;
    };
  };
  /** The audit log as lines of JSON: of all of it, anybody can compute the hashes again. */
  exportAudit: {
    params: undefined;
    query: {
      readonly project_id?: string | undefined;
      readonly actor_id?: string | undefined;
      readonly action?: string | undefined;
      readonly resource?: string | undefined;
    };
    body: undefined;
    result: null;
  };
  /** Whether the log is as it was written, and still holds an entry of an earlier export. */
  verifyAudit: {
    params: undefined;
    query: undefined;
    body: {
      readonly anchor?: {
        readonly seq: number;
        readonly integrity_hash: string;
      } | undefined;
    };
    result: AuditVerdict;
  };
  /** This document. */
  getOpenApi: {
    params: undefined;
    query: undefined;
    body: undefined;
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
  createPipeline: ["POST", "/v1/pipelines", "pipelines:write"],
  listPipelines: ["GET", "/v1/pipelines", "pipelines:read"],
  getPipeline: ["GET", "/v1/pipelines/{id}", "pipelines:read"],
  triggerRun: ["POST", "/v1/pipelines/{id}/runs", "runs:trigger"],
  listRunsOfPipeline: ["GET", "/v1/pipelines/{id}/runs", "runs:read"],
  listRuns: ["GET", "/v1/pipeline-runs", "runs:read"],
  getRun: ["GET", "/v1/pipeline-runs/{id}", "runs:read"],
  cancelRun: ["POST", "/v1/pipeline-runs/{id}/cancel", "runs:cancel"],
  followRun: ["GET", "/v1/pipeline-runs/{id}/events", "runs:read"],
  listArtifactsOfRun: ["GET", "/v1/pipeline-runs/{id}/artifacts", "artifacts:read"],
  getRunGraph: ["GET", "/v1/pipeline-runs/{id}/graph", "runs:read"],
  getRunDefinition: ["GET", "/v1/pipeline-runs/{id}/definition", "runs:read"],
  rerunRun: ["POST", "/v1/pipeline-runs/{id}/rerun", "runs:rerun"],
  listJobs: ["GET", "/v1/pipeline-runs/{id}/jobs", "runs:read"],
  getJob: ["GET", "/v1/jobs/{id}", "runs:read"],
  getJobLog: ["GET", "/v1/jobs/{id}/logs", "logs:read"],
  explainJob: ["GET", "/v1/jobs/{id}/explanation", "runs:read"],
  followEvents: ["GET", "/v1/events", "runs:read"],
  getArtifactMetadata: ["GET", "/v1/artifacts/{id}/metadata", "artifacts:read"],
  downloadArtifact: ["GET", "/v1/artifacts/{id}/download", "artifacts:read"],
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
