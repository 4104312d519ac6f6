import { systemRandom, WaybillError, type Clock, type Random } from "@waybill/core";
import type { Executor } from "@waybill/engine";
import { ImagePlaces } from "../protocol/image-places.ts";
import type { MaximumLimits } from "../protocol/limits.ts";
import { SupervisedExecutor } from "../protocol/supervised-executor.ts";
import { DEFAULT_IMAGE, DEFAULT_LIMITS, type ContainerLimits } from "./container-config.ts";
import { daemonAddress } from "./daemon-address.ts";
import { DockerHost } from "./docker-host.ts";
import { EngineApi } from "./engine-api.ts";
import { ImagePuller, type ServiceGuard } from "./image-puller.ts";
import { NetworkPool } from "./network-pool.ts";

export interface DockerExecutorOptions {
  /** Where the state of running executions is kept; absolute, this user's alone, on a path the daemon sees too. */
  readonly directory: string;
  readonly clock: Clock;
  /** Of Waybill itself: `DOCKER_HOST`, and where credentials for registries are. None of it enters a container. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly random?: Random;
  readonly defaultImage?: string;
  /** Where a pipeline says nothing. */
  readonly limits?: Partial<ContainerLimits>;
  /** What no pipeline may exceed. */
  readonly maxima?: MaximumLimits;
  /** Calls outside services; where left out, just does so. */
  readonly guard?: ServiceGuard;
}

/**
 * Runs the steps of a job in containers of a Docker daemon on this machine, one container for each image the job names.
 * Executions outlive our process; a new executor on the same directory takes them up again. Disposing of it ends
 * nothing but removes the networks that are kept for executions to come.
 *
 * @throws WaybillError `DOCKER_HOST_UNUSABLE`
 */
export function dockerExecutor(options: DockerExecutorOptions): Executor & AsyncDisposable {
  const { clock, environment, directory } = options;
  const api = new EngineApi(daemonAddress(environment["DOCKER_HOST"]));
  const guard = options.guard ?? ((_, call) => call());
  const host = new DockerHost({
    api,
    images: new ImagePuller({ api, clock, environment, guard, random: options.random ?? systemRandom }),
    networks: new NetworkPool(api),
    directory,
    defaultImage: options.defaultImage ?? DEFAULT_IMAGE,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    maxima: options.maxima ?? {},
  });
  return new ImagePlaces(new SupervisedExecutor(host, directory, clock));
}

export type DockerProbe =
  | { readonly available: true; readonly version: string }
  /** `reason` is a sentence for people. */
  | { readonly available: false; readonly reason: string };

/** Whether a Docker daemon answers, and its version. Never throws. */
export async function probeDocker(options: Pick<DockerExecutorOptions, "environment">): Promise<DockerProbe> {
  try {
    const api = new EngineApi(daemonAddress(options.environment["DOCKER_HOST"]));
    const answer = (await api.call({ method: "GET", path: "/version" })) as { readonly Version?: unknown };
    return { available: true, version: typeof answer.Version === "string" ? answer.Version : "unknown" };
  } catch (error) {
    const reason = error instanceof WaybillError ? `${error.message} ${error.remedy}` : String(error);
    return { available: false, reason };
  }
}
