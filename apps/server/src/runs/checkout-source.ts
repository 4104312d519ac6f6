import { WaybillError } from "@waybill/core";
import type { RunStore } from "@waybill/engine";
import type { WorkspaceSource } from "@waybill/executors";
import type { ProjectRecords } from "@waybill/projects";
import type { ProjectMirrors } from "../triggers/project-mirrors.ts";

/** The files of each run are those of its commit, which another machine can check out as well. */
export function checkoutSource(store: RunStore, records: ProjectRecords, mirrors: ProjectMirrors): WorkspaceSource {
  return {
    isRepeatable: true,
    async find(runId) {
      const origin = await store.origin(runId);
      const pipeline = origin === null ? null : await records.pipelines.find(origin.pipelineId);
      const repository = pipeline === null ? null : await records.repositories.find(pipeline.repositoryId);
      if (origin === null || repository === null) throw new WaybillError("WORKSPACE_SNAPSHOT_MISSING", { run: runId });
      const mirror = mirrors.of(repository);
      if ((await mirror.resolve(origin.gitSha)) === null) await mirror.update();
      return { fill: (directory) => mirror.checkOut(origin.gitSha, directory) };
    },
  };
}
