import { CircuitBreakers, systemIds, systemRandom, WaybillError } from "@waybill/core";
import { openRunStore } from "@waybill/database";
import { createEngine, type Engine, type RunStore } from "@waybill/engine";
import { openWorkspaces, type ExecutorMode, type OpenExecutors } from "@waybill/executors";
import { openLogStore } from "@waybill/logs";
import type { CommandContext } from "../context.ts";
import { openProjectArtifacts } from "../files/artifact-files.ts";
import type { ProjectPaths } from "../files/project.ts";
import { localExecutors } from "./local-executors.ts";

/** An engine over a project's `.waybill` directory, on the executors of this machine. */
export interface LocalEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly store: RunStore;
  readonly executors: OpenExecutors;
}

/**
 * @param mode where jobs run
 * @throws WaybillError where the database cannot be opened
 */
export async function openLocalEngine(
  context: CommandContext,
  paths: ProjectPaths,
  mode: ExecutorMode = "auto",
): Promise<LocalEngine> {
  const { clock } = context;
  const store = await openRunStore(paths.database);
  // An image that a registry does not have, or not for us, says nothing about the registry.
  const isFailure = (error: unknown): boolean => error instanceof WaybillError && error.code === "IMAGE_PULL_FAILED";
  const breakers = new CircuitBreakers(clock, { isFailure });
  const executors = localExecutors(context, paths, mode, breakers);
  const engine = createEngine({
    clock,
    random: systemRandom,
    ids: systemIds,
    store,
    executors,
    breakers,
    workspaces: openWorkspaces({ directory: paths.workspaces, source: paths.project }),
    artifacts: openProjectArtifacts(paths, store.artifactRecords(), clock),
    logs: openLogStore(paths.logs),
  });
  return {
    engine,
    store,
    executors,
    async [Symbol.asyncDispose]() {
      await executors[Symbol.asyncDispose]();
      await store.close();
    },
  };
}
