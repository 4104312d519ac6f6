import { WaybillError } from "@waybill/core";
import type { StepSpec } from "@waybill/engine";
import { existsSync, lstatSync, mkdirSync, statSync } from "node:fs";
import type { Duplex } from "node:stream";
import { giveTree } from "../files/give-tree.ts";
import { systemErrorCode } from "../files/hostile-file.ts";
import { limitsOf, type MaximumLimits } from "../protocol/limits.ts";
import type { ExecutionPlace, LaunchRequest, Supervisor, SupervisorEvents, SupervisorHost } from "../protocol/host.ts";
import { imageOf, isFirstPlace } from "../protocol/image-places.ts";
import { MARKER_VARIABLE } from "../process/process-table.ts";
import {
  containerConfig,
  CONTROL_MOUNT,
  JOB_DIRECTORIES,
  jobVariables,
  ORDINARY_USER,
  WORKSPACE_MOUNT,
  type ContainerLimits,
} from "./container-config.ts";
import { containerDirectory } from "./container-directory.ts";
import { inspectContainer, removeContainer } from "./container.ts";
import { attach, DockerSupervisor, type SupervisorPorts } from "./docker-supervisor.ts";
import { EngineRefusal, isRefusal, type EngineApi } from "./engine-api.ts";
import { containerLabels, containerName, CONTROL_LABEL } from "./execution-labels.ts";
import type { ImagePuller } from "./image-puller.ts";
import type { NetworkPool } from "./network-pool.ts";

export interface DockerHostOptions {
  readonly api: EngineApi;
  readonly images: ImagePuller;
  readonly networks: NetworkPool;
  /** Where the control directories are; absolute. */
  readonly directory: string;
  /** Of steps that name none. */
  readonly defaultImage: string;
  readonly limits: ContainerLimits;
  readonly maxima: MaximumLimits;
}

/** Steps in containers of a Docker daemon on this machine. */
export class DockerHost implements SupervisorHost {
  readonly name = "docker";
  readonly #options: DockerHostOptions;
  /** The networks that executions of this process are in, by control directory. */
  readonly #networks = new Map<string, string>();
  #checked: Promise<void> | null = null;
  /** Null: it was not seen to yet. */
  #sweeping: Promise<void> | null = null;

  constructor(options: DockerHostOptions) {
    this.#options = options;
  }

  workspacePath(): string {
    return WORKSPACE_MOUNT;
  }

  async launch(place: ExecutionPlace, events: SupervisorEvents, request: LaunchRequest): Promise<Supervisor> {
    const { spec } = place;
    checkWorkspace(spec.workspace);
    const limits = limitsOf(spec.place, this.#options.limits, this.#options.maxima);
    await this.#checkDaemon();
    const image = imageOf(spec) ?? this.#options.defaultImage;
    const imageId = await this.#options.images.get({ image, policy: spec.place.pullPolicy, ...request });
    request.signal.throwIfAborted();
    const user = await this.#prepareFiles(place);
    const config = (network: string): unknown =>
      containerConfig({
        spec,
        imageId,
        controlPath: place.control.path,
        user,
        limits,
        network,
        labels: containerLabels(place),
      });
    try {
      return await this.#start(place, events, config, image);
    } catch (error) {
      // Somebody removed our idle network, `docker network prune` for example.
      if (!isNetworkMissing(error)) throw error;
      this.#networks.delete(place.control.path);
      return await this.#start(place, events, config, image);
    }
  }

  find(place: ExecutionPlace, reference: string | null): Supervisor {
    const directory = lstatSync(place.control.path, { throwIfNoEntry: false });
    if (directory !== undefined && process.getuid?.() === 0) place.control.belongsTo(directory);
    return new DockerSupervisor(this.#ports(place), place, reference);
  }

  workingDirectory(place: ExecutionPlace, step: StepSpec): string {
    return containerDirectory(step, place.spec.workspace);
  }

  controlPath(): string {
    return CONTROL_MOUNT;
  }

  variables(place: ExecutionPlace, own: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    return { ...jobVariables(), ...own, [MARKER_VARIABLE]: place.spec.executionId };
  }

  async cleanUp(place: ExecutionPlace): Promise<void> {
    const network = this.#networks.get(place.control.path);
    if (network === undefined) return;
    this.#networks.delete(place.control.path);
    await this.#options.networks.release(network);
  }

  async dispose(): Promise<void> {
    await this.#sweeping;
    // At the end, and where nothing was started too: an earlier process of ours may have died just before it had cleared
    // away, or while a slow daemon was still making what it had asked for.
    await this.#sweep().catch(() => undefined);
    await this.#options.networks.dispose();
  }

  async #start(
    place: ExecutionPlace,
    events: SupervisorEvents,
    config: (network: string) => unknown,
    image: string,
  ): Promise<Supervisor> {
    const { api } = this.#options;
    const name = containerName(place);
    let network = "none";
    let ready = Promise.resolve();
    if (place.spec.place.isolation.network === "default") {
      const taken = this.#options.networks.take();
      ({ name: network, ready } = taken);
      this.#networks.set(place.control.path, network);
    }
    // Side by side: a container needs its network only when it starts.
    const [created, made] = await Promise.allSettled([this.#create(place, config(network)), ready]);
    if (made.status === "rejected") throw made.reason;
    if (created.status === "rejected") throw startFailure(place, image, created.reason);
    let socket: Duplex | null = null;
    try {
      socket = await attach(api, name);
      await api.call({ method: "POST", path: `/containers/${name}/start` });
      const state = await inspectContainer(api, name);
      if (state?.isRunning !== true) {
        throw new EngineRefusal(0, `it ended at once (exit code ${state?.exitCode ?? "unknown"})`);
      }
      const supervisor = new DockerSupervisor(this.#ports(place), place, DockerSupervisor.referenceFor(state));
      supervisor.connect(socket, events);
      return supervisor;
    } catch (error) {
      socket?.destroy();
      if (isNetworkMissing(error)) {
        await removeContainer(api, name);
        throw error;
      }
      throw startFailure(place, image, error);
    }
  }

  async #create(place: ExecutionPlace, config: unknown): Promise<void> {
    const { api } = this.#options;
    const name = containerName(place);
    const call = { method: "POST", path: "/containers/create", query: { name }, body: config } as const;
    try {
      await api.call(call);
    } catch (error) {
      if (!isRefusal(error, 409)) throw error;
      // An earlier process of ours got as far as this and died.
      const state = await inspectContainer(api, name);
      if (state !== null && state.labels[CONTROL_LABEL] !== place.control.path) throw error;
      await removeContainer(api, name);
      await api.call(call);
    }
  }

  /**
   * Makes the directories that belong to the job, and gives it all that it is to write to.
   * @returns `uid:gid` of the steps
   */
  async #prepareFiles(place: ExecutionPlace): Promise<string> {
    for (const name of Object.values(JOB_DIRECTORIES))
      mkdirSync(place.control.file(name), { mode: 0o700, recursive: true });
    if (place.spec.place.isolation.user === "root") return "0:0";
    const uid = process.getuid?.() ?? 0;
    if (uid !== 0) return `${uid}:${process.getgid?.() ?? 0}`;
    await giveTree(place.control.path, ORDINARY_USER);
    place.control.giveTo(ORDINARY_USER);
    // Later places find the job's own files there, and its processes at work.
    if (isFirstPlace(place.spec)) await giveTree(place.spec.workspace, ORDINARY_USER);
    return `${ORDINARY_USER.uid}:${ORDINARY_USER.gid}`;
  }

  #ports(place: ExecutionPlace): SupervisorPorts {
    return {
      api: this.#options.api,
      onRemoved: async (network) => {
        if (!this.#networks.has(place.control.path)) await this.#options.networks.remove(network);
      },
    };
  }

  async #checkDaemon(): Promise<void> {
    this.#checked ??= this.#check();
    try {
      await this.#checked;
    } catch (error) {
      this.#checked = null;
      throw error;
    }
  }

  async #check(): Promise<void> {
    const { api } = this.#options;
    await api.version();
    const info = (await api.call({ method: "GET", path: "/info" })) as {
      readonly OSType: string;
      readonly SecurityOptions: readonly string[] | null;
    };
    if (info.OSType !== "linux") {
      throw new WaybillError("DOCKER_UNSUPPORTED", { detail: `it runs containers for ${info.OSType}` });
    }
    const remapped = (info.SecurityOptions ?? []).find((option) => /^name=(?:userns|rootless)\b/.test(option));
    if (remapped !== undefined) {
      const detail = `it gives containers other user numbers (${remapped}), so they could not write to workspaces`;
      throw new WaybillError("DOCKER_UNSUPPORTED", { detail });
    }
    this.#sweeping ??= this.#sweep().catch(() => undefined);
  }

  /** Removes what processes of ours left that were killed in the middle of making or removing it. */
  async #sweep(): Promise<void> {
    const { api, directory, networks } = this.#options;
    const filters = JSON.stringify({ label: [CONTROL_LABEL] });
    const containers = (await api.call({
      method: "GET",
      path: "/containers/json",
      query: { all: "1", filters },
    })) as { readonly Id: string; readonly Labels: Readonly<Record<string, string>> }[];
    for (const { Id: id, Labels: labels } of containers) {
      const control = labels[CONTROL_LABEL] ?? "";
      // A container is made after its control directory and removed before it.
      if (control.startsWith(`${directory}/`) && !existsSync(control)) await removeContainer(api, id);
    }
    await networks.sweep();
  }
}

function checkWorkspace(workspace: string): void {
  let detail = "it is not a directory.";
  try {
    if (statSync(workspace).isDirectory()) return;
  } catch (cause) {
    detail = systemErrorCode(cause) === "ENOENT" ? "it does not exist." : `${systemErrorCode(cause)}.`;
  }
  throw new WaybillError("EXECUTOR_WORKSPACE_UNUSABLE", { workspace, detail });
}

function isNetworkMissing(error: unknown): boolean {
  return error instanceof EngineRefusal && /network waybill-net-\S+ not found/.test(error.detail);
}

function startFailure(place: ExecutionPlace, image: string, cause: unknown): unknown {
  if (!(cause instanceof EngineRefusal) || isNetworkMissing(cause)) return cause;
  const detail = cause.detail.replaceAll(/\s+/g, " ").slice(0, 500);
  if (/"\/bin\/sh"|exec format error/.test(detail)) {
    return new WaybillError("IMAGE_SHELL_MISSING", { image, detail: shellProblem(detail) }, { cause });
  }
  return new WaybillError("DOCKER_START_FAILED", { execution: place.spec.executionId, detail }, { cause });
}

function shellProblem(detail: string): string {
  if (/exec format error/.test(detail)) return "it is made for another kind of processor";
  return /permission denied/.test(detail) ? "its /bin/sh may not be executed" : "it has no /bin/sh";
}
