import type { AccessStore } from "@waybill/access";
import type { RunStore } from "@waybill/engine";
import type { ProjectRecords } from "@waybill/projects";
import type { SubjectKind } from "../http/access.ts";

export interface SubjectSources {
  readonly store: RunStore;
  readonly records: ProjectRecords;
  readonly accessStore: AccessStore;
}

/**
 * The project that a thing is of, which is what permissions are asked for.
 *
 * @returns null: it is of none; undefined: there is no such thing
 */
export async function findProjectId(
  sources: SubjectSources,
  kind: Exclude<SubjectKind, "server" | "projects">,
  id: string,
): Promise<string | null | undefined> {
  const { store, records, accessStore } = sources;
  switch (kind) {
    case "project":
      return (await records.projects.find(id))?.id;
    case "pipeline":
      return (await records.pipelines.find(id))?.projectId;
    case "run": {
      const run = await store.find(id);
      if (run === null) return undefined;
      return run.pipelineId === null ? null : (await records.pipelines.find(run.pipelineId))?.projectId;
    }
    case "job": {
      const found = await store.findJob(id);
      return found === null ? undefined : await findProjectId(sources, "run", found.runId);
    }
    case "artifact": {
      const found = await store.findArtifact(id);
      return found === null ? undefined : await findProjectId(sources, "run", found.runId);
    }
    case "approval":
      return (await accessStore.tables.approvals.find(id))?.projectId;
  }
}
