import type { CircuitBreakers } from "@waybill/core";
import {
  dockerExecutor,
  openImageStore,
  OpenExecutors,
  probeDocker,
  probeSandbox,
  processExecutor,
  sandboxExecutor,
  type ExecutorMode,
} from "@waybill/executors";
import type { CommandContext } from "../context.ts";
import type { ProjectPaths } from "../files/project.ts";

/**
 * The executors of this machine, their state below a project's `.waybill`.
 *
 * @param breakers of the services that jobs and executors call
 */
export function localExecutors(
  context: CommandContext,
  paths: ProjectPaths,
  mode: ExecutorMode,
  breakers: CircuitBreakers,
): OpenExecutors {
  const { clock, env } = context;
  const { images: imagesDirectory } = paths;
  const images = openImageStore(imagesDirectory, clock);
  return new OpenExecutors({
    mode,
    adapters: {
      docker: {
        probe: () => probeDocker({ environment: env }),
        open: () =>
          dockerExecutor({
            directory: paths.containers,
            environment: env,
            clock,
            guard: (service, call) => breakers.of(service).call(call),
          }),
      },
      sandbox: {
        probe: () => probeSandbox(),
        open: () => sandboxExecutor({ directory: paths.sandboxes, imagesDirectory, hostEnvironment: env, clock }),
      },
      process: {
        probe: () => Promise.resolve({ available: true, version: "" }),
        open: () => processExecutor({ directory: paths.executions, hostEnvironment: env, clock }),
      },
    },
    hasRootFilesystem: (image) => images.has(image),
  });
}
