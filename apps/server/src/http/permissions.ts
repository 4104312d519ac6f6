/** What a route needs its caller to be allowed. Roles are made of these. */
export type Permission =
  | "projects:read"
  | "projects:write"
  | "pipelines:read"
  | "pipelines:write"
  | "runs:read"
  | "runs:trigger"
  | "runs:cancel"
  | "runs:rerun"
  | "logs:read"
  | "artifacts:read"
  | "webhooks:receive";

/** What a permission is asked for: everything of the server, or one thing of a project. */
export type SubjectKind = "server" | "project" | "pipeline" | "run" | "job" | "artifact";

export interface Access {
  readonly permission: Permission;
  readonly on: SubjectKind;
}
