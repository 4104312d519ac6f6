import type { Clock } from "@waybill/core";
import type { Executor } from "@waybill/engine";
import { dockerExecutor, processExecutor, sandboxExecutor } from "@waybill/executors";
import { TEST_IMAGE } from "./docker-daemon.ts";

export const EXECUTORS = ["process", "sandbox", "docker"] as const;

export type ExecutorName = (typeof EXECUTORS)[number];

export interface OpenExecutorOptions {
  /** Where executions are kept. */
  readonly directory: string;
  readonly clock: Clock;
  /** Of Waybill: for docker, `DOCKER_HOST` counts. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Any of the executors, as `waybill run` opens it. */
export function openExecutor(name: ExecutorName, options: OpenExecutorOptions): Executor & AsyncDisposable {
  const { directory, clock, environment = process.env } = options;
  switch (name) {
    case "process":
      return processExecutor({ directory, clock, hostEnvironment: environment });
    case "sandbox":
      return sandboxExecutor({ directory, clock, hostEnvironment: environment });
    case "docker":
      return dockerExecutor({ directory, clock, environment, defaultImage: TEST_IMAGE });
  }
}
