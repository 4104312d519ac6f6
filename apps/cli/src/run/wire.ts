import { systemIds, systemRandom } from "@waybill/core";
import { openRunStore } from "@waybill/database";
import { createEngine, onlyExecutor, type Engine, type RunStore } from "@waybill/engine";
import { openWorkspaces, processExecutor } from "@waybill/executors";
import { openLogStore } from "@waybill/logs";
import type { CommandContext } from "../context.ts";
import { openProjectArtifacts } from "../files/artifact-files.ts";
import type { ProjectPaths } from "../files/project.ts";

/** An engine over a project's `.waybill` directory, with steps running as processes of this host. */
export interface LocalEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly store: RunStore;
}

/** @throws WaybillError where the database cannot be opened */
export async function openLocalEngine(context: CommandContext, paths: ProjectPaths): Promise<LocalEngine> {
  const { clock, env } = context;
  const store = await openRunStore(paths.database);
  const executor = processExecutor({ directory: paths.executions, hostEnvironment: env, clock });
  const engine = createEngine({
    clock,
    random: systemRandom,
    ids: systemIds,
    store,
    executors: onlyExecutor(executor),
    workspaces: openWorkspaces({ directory: paths.workspaces, projectDirectory: paths.project }),
    artifacts: openProjectArtifacts(paths, store.artifactRecords(), clock),
    logs: openLogStore(paths.logs),
  });
  return {
    engine,
    store,
    async [Symbol.asyncDispose]() {
      await executor[Symbol.asyncDispose]();
      await store.close();
    },
  };
}
