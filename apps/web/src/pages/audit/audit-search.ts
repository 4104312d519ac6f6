import { auditQuery } from "../../api/queries/settings.ts";
import { textSearch } from "../../shell/text-search.ts";

const SHOWN = 50;

/** `entry` is the one that is opened; `cursor` the number that a page begins below. */
export const auditSearch = textSearch("project", "actor", "action", "resource", "cursor", "entry");

export type AuditSearch = ReturnType<typeof auditSearch>;

interface AuditFilter {
  readonly project_id?: string;
  readonly actor_id?: string;
  readonly action?: string;
  readonly resource?: string;
}

export function auditFilter({ actor, action, resource }: AuditSearch, projectId: string | undefined): AuditFilter {
  return {
    ...(projectId === undefined ? {} : { project_id: projectId }),
    // People are named as the page shows them.
    ...(actor === undefined ? {} : { actor_id: actor.includes(":") ? actor : `user:${actor}` }),
    ...(action === undefined ? {} : { action: action.toUpperCase() }),
    ...(resource === undefined ? {} : { resource }),
  };
}

export function auditTableQuery(search: AuditSearch, projectId: string | undefined): ReturnType<typeof auditQuery> {
  const { cursor } = search;
  const isSeq = cursor !== undefined && /^\d{1,15}$/.test(cursor);
  return auditQuery({
    ...auditFilter(search, projectId),
    limit: SHOWN,
    order: "desc",
    ...(isSeq ? { cursor } : {}),
  });
}
