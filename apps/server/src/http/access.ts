import type { Permission } from "@waybill/access";

/**
 * What a permission is asked for: the server itself, one thing of a project, or `projects`: whatever of them the caller
 * may see, for lists over several.
 */
export type SubjectKind = "server" | "projects" | "project" | "pipeline" | "run" | "job" | "artifact" | "approval";

export interface Access {
  /** Null: whoever is signed in may. */
  readonly permission: Permission | null;
  readonly on: SubjectKind;
}
