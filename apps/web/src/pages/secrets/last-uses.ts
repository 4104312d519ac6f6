import type { AuditEntry } from "../../api/generated/operations.ts";

export interface LastUse {
  readonly time: string;
  readonly runId: string;
  readonly job: string;
}

/**
 * When a job was last given a secret of a name, and which. Of one name with several scopes the log does not say which it
 * was.
 *
 * @param uses entries `SECRET_ACCESSED` of the audit log, the newest first
 */
export function lastUses(uses: readonly AuditEntry[]): ReadonlyMap<string, LastUse> {
  const found = new Map<string, LastUse>();
  for (const { timestamp, resource, context } of uses) {
    const { names, job } = context;
    if (!Array.isArray(names)) continue;
    for (const name of names as readonly unknown[]) {
      if (typeof name !== "string" || found.has(name)) continue;
      const runId = resource.replace(/^run:/, "");
      found.set(name, { time: timestamp, runId, job: typeof job === "string" ? job : "" });
    }
  }
  return found;
}
