import type { CircuitBreakers, Clock } from "@waybill/core";
import type { Executor } from "@waybill/engine";
import {
  dockerExecutor,
  openImageStore,
  OpenExecutors,
  probeDocker,
  probeSandbox,
  processExecutor,
  sandboxExecutor,
  type MaximumLimits,
} from "@waybill/executors";
import type { DataPaths } from "./paths.ts";
import type { ExecutorMode } from "./settings/settings.ts";

export interface ServerExecutorsOptions {
  readonly mode: ExecutorMode;
  readonly paths: DataPaths;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly breakers: CircuitBreakers;
  /** What no job may exceed. */
  readonly maxima: MaximumLimits;
  /** For tests: in place of that of plain processes. */
  readonly openProcess?: (() => Executor & AsyncDisposable) | undefined;
}

/** Jobs leave the server the processor when it needs it: a page is not to wait for a compiler. */
const NICENESS = 10;

/** The executors of this machine, their state in the data directory. */
export function serverExecutors(options: ServerExecutorsOptions): OpenExecutors {
  const { mode, paths, environment, clock, breakers, maxima, openProcess } = options;
  const images = openImageStore(paths.images, clock);
  const host = { hostEnvironment: environment, clock, niceness: NICENESS };
  return new OpenExecutors({
    mode,
    adapters: {
      docker: {
        probe: () => probeDocker({ environment }),
        open: () =>
          dockerExecutor({
            directory: paths.containers,
            environment,
            clock,
            maxima,
            guard: (service, call) => breakers.of(service).call(call),
          }),
      },
      sandbox: {
        probe: () => probeSandbox(),
        open: () => sandboxExecutor({ directory: paths.sandboxes, imagesDirectory: paths.images, maxima, ...host }),
      },
      process: {
        probe: () => Promise.resolve({ available: true, version: "" }),
        open: openProcess ?? (() => processExecutor({ directory: paths.executions, ...host })),
      },
    },
    hasRootFilesystem: (image) => images.has(image),
  });
}
