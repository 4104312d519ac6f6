import type { Clock } from "@waybill/core";
import type { Executor } from "@waybill/engine";
import { homedir, tmpdir } from "node:os";
import { inheritedEnvironment } from "../process/host-environment.ts";
import { ImagePlaces } from "../protocol/image-places.ts";
import type { MaximumLimits } from "../protocol/limits.ts";
import { SupervisedExecutor } from "../protocol/supervised-executor.ts";
import { openImageStore } from "./images/image-store.ts";
import { SandboxHost } from "./sandbox-host.ts";

export interface SandboxExecutorOptions {
  /** Where the state of running executions is kept; absolute, this user's alone, not inside a workspace. */
  readonly directory: string;
  /** The environment of Waybill itself, of which steps inherit a few variables (`host-environment.ts`). */
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Where each execution gets temporary and home directories of its own; absolute. The system's where left out. */
  readonly temporaryDirectory?: string;
  /** Of the user we run as; nothing of it is shown but what `PATH` names. */
  readonly homeDirectory?: string;
  /** Where unpacked root file systems are (`openImageStore`); absolute. Left out: there are no images. */
  readonly imagesDirectory?: string;
  /** bubblewrap; `bwrap` of the search path where left out. */
  readonly program?: string;
  /** What no pipeline may exceed. Memory and processors: see `EXECUTOR_LIMIT_UNAVAILABLE`. */
  readonly maxima?: MaximumLimits;
  /** How far jobs stand back where the processor is short, from 0 (the default: not at all) to 19. */
  readonly niceness?: number;
}

/**
 * Runs steps in sandboxes that bubblewrap makes: with namespaces of their own, a view of this machine's tools or of an
 * image's root file system, and no privileges. Ask `probeSandbox` first whether this machine lets us. Executions outlive our
 * process; a new executor on the same directory takes them up again. Disposing of it ends none.
 */
export function sandboxExecutor(options: SandboxExecutorOptions): Executor & AsyncDisposable {
  const { imagesDirectory } = options;
  const images = imagesDirectory === undefined ? null : openImageStore(imagesDirectory, options.clock);
  const host = new SandboxHost({
    directory: options.directory,
    temporaryDirectory: options.temporaryDirectory ?? tmpdir(),
    environment: inheritedEnvironment(options.hostEnvironment),
    homeDirectory: options.homeDirectory ?? homedir(),
    program: options.program ?? "bwrap",
    maxima: options.maxima ?? {},
    niceness: options.niceness ?? 0,
    rootOf: async (image) => (await images?.rootOf(image)) ?? null,
  });
  return new ImagePlaces(new SupervisedExecutor(host, options.directory, options.clock));
}
