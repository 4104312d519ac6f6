import { openArtifactStore } from "@waybill/artifacts";
import { systemClock, type Clock } from "@waybill/core";
import { openRunStore, type SqlRunStore } from "@waybill/database";
import type { EnginePorts } from "@waybill/engine";
import { openWorkspaces } from "@waybill/executors";
import { openLogStore } from "@waybill/logs";
import { join } from "node:path";
import { openExecutor, type ExecutorName } from "../../support/executors.ts";

export interface AdapterOptions {
  /** `process` where left out. */
  readonly executor?: ExecutorName;
  /** Of the executor: for docker, `DOCKER_HOST` counts. This process's where left out. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly executorClock?: Clock;
  /** Directories; below `.waybill` by default, as is the database. */
  readonly logs?: string;
  readonly artifacts?: string;
  readonly executions?: string;
  readonly database?: string;
  /** How long the database is waited for; as long as ever where left out. */
  readonly busyTimeoutMs?: number;
}

export interface Adapters extends Pick<EnginePorts, "workspaces" | "artifacts" | "logs"> {
  readonly store: SqlRunStore;
  readonly executor: ReturnType<typeof openExecutor>;
}

/** The adapters `waybill run` has, on a project directory. */
export async function openAdapters(project: string, options: AdapterOptions = {}): Promise<Adapters> {
  const state = join(project, ".waybill");
  return {
    store: await openRunStore(options.database ?? join(state, "waybill.db"), {
      ...(options.busyTimeoutMs === undefined ? {} : { busyTimeoutMs: options.busyTimeoutMs }),
    }),
    executor: openExecutor(options.executor ?? "process", {
      directory: options.executions ?? join(state, "executions"),
      environment: options.environment ?? process.env,
      clock: options.executorClock ?? systemClock,
    }),
    workspaces: openWorkspaces({ directory: join(state, "workspaces"), source: project }),
    artifacts: openArtifactStore(options.artifacts ?? join(state, "artifacts")),
    logs: openLogStore(options.logs ?? join(state, "logs")),
  };
}
