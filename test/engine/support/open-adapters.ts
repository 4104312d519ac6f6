import { openArtifactStore } from "@waybill/artifacts";
import { systemClock, type Clock } from "@waybill/core";
import { openRunStore, type SqlRunStore } from "@waybill/database";
import type { EnginePorts } from "@waybill/engine";
import { openWorkspaces, processExecutor } from "@waybill/executors";
import { openLogStore } from "@waybill/logs";
import { join } from "node:path";

export interface AdapterOptions {
  readonly executorClock?: Clock;
  /** Directories; below `.waybill` by default, as is the database. */
  readonly logs?: string;
  readonly artifacts?: string;
  readonly executions?: string;
  readonly database?: string;
}

export interface Adapters extends Pick<EnginePorts, "workspaces" | "artifacts" | "logs"> {
  readonly store: SqlRunStore;
  readonly executor: ReturnType<typeof processExecutor>;
}

/** The adapters `waybill run` has, on a project directory. */
export async function openAdapters(project: string, options: AdapterOptions = {}): Promise<Adapters> {
  const state = join(project, ".waybill");
  return {
    store: await openRunStore(options.database ?? join(state, "waybill.db")),
    executor: processExecutor({
      directory: options.executions ?? join(state, "executions"),
      hostEnvironment: process.env,
      clock: options.executorClock ?? systemClock,
    }),
    workspaces: openWorkspaces({ directory: join(state, "workspaces"), projectDirectory: project }),
    artifacts: openArtifactStore(options.artifacts ?? join(state, "artifacts")),
    logs: openLogStore(options.logs ?? join(state, "logs")),
  };
}
