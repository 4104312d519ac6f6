import type { Clock } from "@waybill/core";
import type { Executor } from "@waybill/engine";
import { tmpdir } from "node:os";
import { SupervisedExecutor } from "../protocol/supervised-executor.ts";
import { inheritedEnvironment } from "./host-environment.ts";
import { ProcessHost } from "./process-host.ts";

export interface ProcessExecutorOptions {
  /** Where the state of running executions is kept; absolute, this user's alone, not inside a workspace. */
  readonly directory: string;
  /** The environment of Waybill itself, of which steps inherit a few variables (`host-environment.ts`). */
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Where each execution gets a temporary directory of its own; absolute. The system's where left out. */
  readonly temporaryDirectory?: string;
  /** Absolute path of the POSIX shell; `/bin/sh` where left out. */
  readonly shell?: string;
  /** How far jobs stand back where the processor is short, from 0 (the default: not at all) to 19. */
  readonly niceness?: number;
}

/**
 * Runs steps as processes of this host: no isolation, nothing to install. Images are ignored. Executions outlive our
 * process; a new executor on the same directory takes them up again. Disposing of it ends nothing but idle supervisors.
 */
export function processExecutor(options: ProcessExecutorOptions): Executor & AsyncDisposable {
  const host = new ProcessHost({
    directory: options.directory,
    temporaryDirectory: options.temporaryDirectory ?? tmpdir(),
    environment: inheritedEnvironment(options.hostEnvironment),
    shell: options.shell ?? "/bin/sh",
    niceness: options.niceness ?? 0,
  });
  return new SupervisedExecutor(host, options.directory, options.clock);
}
