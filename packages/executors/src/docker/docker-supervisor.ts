import { WaybillError } from "@waybill/core";
import type { Duplex } from "node:stream";
import { setTimeout } from "node:timers/promises";
import type { ExecutionPlace, Supervisor, SupervisorEvents } from "../protocol/host.ts";
import { connectSupervisor } from "../protocol/supervisor-pipe.ts";
import { identityOf } from "../process/process-table.ts";
import { childrenIn, type ContainerProcesses } from "./container-processes.ts";
import { describeEnd, inspectContainer, removeContainer, type ContainerState } from "./container.ts";
import { EngineRefusal, isRefusal, type EngineApi } from "./engine-api.ts";
import { ExecProcesses, execInContainer } from "./exec-processes.ts";
import { containerName, isOwnerAlive, OWNER_LABEL } from "./execution-labels.ts";
import { standardOutput } from "./frames.ts";
import { HostProcesses } from "./host-processes.ts";

/** A frozen container starts nothing, so one round kills all; more are for what came in from outside meanwhile. */
const MAX_KILL_ROUNDS = 20;
/** The daemon hears of an end within milliseconds; where it does not, the removal forces it. */
const END_PATIENCE_MS = 1000;
/** How often a daemon that went away is looked for while its containers live on. */
const DAEMON_RETRY_MS = 1000;

export interface SupervisorPorts {
  readonly api: EngineApi;
  /** The container is gone: its network may be wanted no more. */
  readonly onRemoved: (network: string) => Promise<void>;
}

/** The supervisor of one execution: the first process of a container. */
export class DockerSupervisor implements Supervisor {
  readonly #ports: SupervisorPorts;
  readonly #place: ExecutionPlace;
  readonly #container: string;
  /** Its number on this machine and when it was started; null: not known, or not a number of this machine. */
  readonly #identity: { readonly pid: number; readonly startTime: string } | null;
  #write: ((line: string) => void) | null = null;
  #socket: Duplex | null = null;
  #events: SupervisorEvents | null = null;
  #isGone = false;
  #isDestroyed = false;
  #processes: ContainerProcesses | null = null;
  /** Processes that were there when SIGTERM was sent; null: the step has not got it yet. */
  #known: ReadonlySet<number> | null = null;
  /** The step's shell ran no command when SIGTERM was sent. */
  #mayStartLate = false;
  #memoryKills = 0;
  /** The step that was handed over last. */
  #lastStep: string | null = null;
  readonly reference: string;

  /** @param reference from a file a job may have written: it is believed about liveness alone */
  constructor(ports: SupervisorPorts, place: ExecutionPlace, reference: string | null) {
    this.#ports = ports;
    this.#place = place;
    this.#container = containerName(place);
    this.reference = reference ?? "";
    const [, pid, startTime] = /^([1-9]\d{0,9}) (\d+)$/.exec(reference ?? "") ?? [];
    this.#identity = pid === undefined || startTime === undefined ? null : { pid: Number(pid), startTime };
  }

  /** @returns what `reference` is for a container that was just started */
  static referenceFor(state: ContainerState): string {
    const isOurs = HostProcesses.of(state.pid, state.id) !== null;
    const identity = isOurs ? identityOf(state.pid) : null;
    return identity === null ? "elsewhere" : `${identity.pid} ${identity.startTime}`;
  }

  /** Takes over the connection to the supervisor. */
  connect(socket: Duplex, events: SupervisorEvents): void {
    this.#events = events;
    this.#write = this.#listen(socket, events);
  }

  #listen(socket: Duplex, events: SupervisorEvents): (line: string) => void {
    this.#socket = socket;
    const notices = socket.pipe(standardOutput());
    const write = connectSupervisor(socket, notices, (key) => events.stepEnded(key));
    socket.once("close", () => void this.#disconnected(events));
    letProcessEnd(socket);
    return (key) => {
      this.#handedOver(key);
      write(key);
    };
  }

  /**
   * An earlier process of ours launched it, and the step is asked for by file. A supervisor that has outlived its
   * daemon never sees the end of its input, which is what makes it look for files: it is told there as well, once
   * nobody else can. Asked twice, it runs the step once.
   */
  requested(key: string): void {
    this.#handedOver(key);
    void this.#tellByInput(key).catch(() => undefined);
  }

  /** What was stopped before is not this step. */
  #handedOver(key: string): void {
    this.#lastStep = key;
    this.#known = null;
  }

  async #tellByInput(key: string): Promise<void> {
    const state = await inspectContainer(this.#ports.api, this.#container);
    if (state?.isRunning !== true || isOwnerAlive(state.labels[OWNER_LABEL] ?? "")) return;
    const socket = await attach(this.#ports.api, this.#container);
    letProcessEnd(socket);
    socket.resume();
    socket.end(`${key}\n`);
  }

  get send(): ((key: string) => void) | null {
    return this.#write;
  }

  isAlive(): boolean {
    if (this.#isGone) return false;
    if (this.#write !== null) return true;
    if (this.#identity !== null) return identityOf(this.#identity.pid)?.startTime === this.#identity.startTime;
    if (this.reference === "") return false;
    // Not to be seen from here. The answer is the last one the daemon gave; whoever asks asks again.
    void this.#lookForEnd();
    return true;
  }

  async terminate(): Promise<void> {
    await this.#frozen(async (processes) => {
      const found = await processes.list();
      const shells = new Set(childrenIn(found, new Set([processes.supervisor])).map(({ pid }) => pid));
      const commands = childrenIn(found, shells).map(({ pid }) => pid);
      if (this.#known === null) {
        this.#known = new Set(found.map(({ pid }) => pid));
        this.#mayStartLate = commands.length === 0;
        await processes.signal([...this.#known], "SIGTERM");
      } else if (this.#mayStartLate) {
        // A shell that gets the signal between two commands may start the next one all the same. Others that start
        // late are what a program cleans up with, and have the whole grace period.
        const started = commands.filter((pid) => this.#known?.has(pid) === false);
        this.#mayStartLate = started.length === 0;
        await processes.signal(started, "SIGTERM");
      }
    });
  }

  async kill(): Promise<void> {
    this.#known = null;
    try {
      for (let round = 0; round < MAX_KILL_ROUNDS; round += 1) {
        const left = await this.#frozen(async (processes) => {
          const found = await processes.list();
          await processes.signal(
            found.map(({ pid }) => pid),
            "SIGKILL",
          );
          return found.length;
        });
        if (left === 0 || left === undefined) return;
        await setTimeout(1);
      }
    } catch (error) {
      if (error instanceof WaybillError && !(error instanceof EngineRefusal)) throw error;
    }
    // No command can be started in it any more, or it starts processes faster than they are ended.
    await this.#endContainer();
  }

  async hasProcesses(): Promise<boolean> {
    const processes = await this.#view();
    return processes !== null && (await processes.list()).some((each) => !each.isSupervisorsSleep);
  }

  async ranOutOfMemory(): Promise<boolean> {
    const processes = await this.#view();
    if (!(processes instanceof HostProcesses)) {
      const state = await inspectContainer(this.#ports.api, this.#container);
      return state?.ranOutOfMemory === true;
    }
    const count = processes.memoryKills() ?? 0;
    const hasGrown = count > this.#memoryKills;
    this.#memoryKills = count;
    return hasGrown;
  }

  async destroy(): Promise<void> {
    this.#isDestroyed = true;
    const { api } = this.#ports;
    if (this.#place.spec.place.isolation.user === "root") await this.#handBack();
    const network = this.#socket === null ? (await inspectContainer(api, this.#container))?.network : undefined;
    await this.#endAtOnce();
    await removeContainer(api, this.#container);
    this.#isGone = true;
    this.#write = null;
    this.#socket?.destroy();
    if (network !== undefined) await this.#ports.onRemoved(network);
  }

  /**
   * Ends the supervisor, and with it every process of the container, without the daemon, who starts a program to do so.
   * Only where we started the supervisor ourselves and saw its number: nothing a job could have written is believed.
   */
  async #endAtOnce(): Promise<void> {
    const socket = this.#socket;
    const identity = this.#identity;
    if (socket === null || socket.destroyed || identity === null) return;
    if (identityOf(identity.pid)?.startTime !== identity.startTime) return;
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    socket.once("close", resolve);
    const timer = globalThis.setTimeout(resolve, END_PATIENCE_MS);
    try {
      process.kill(identity.pid, "SIGKILL");
      await ended;
    } catch {
      // Not ours to end: the daemon does it.
    } finally {
      clearTimeout(timer);
    }
  }

  /** What root made in the workspace becomes ours, or an ordinary user could not remove it. */
  async #handBack(): Promise<void> {
    const uid = process.getuid?.() ?? 0;
    const gid = process.getgid?.() ?? 0;
    if (uid === 0) return;
    try {
      await this.kill();
      const script = `chown -Rh "$1" /waybill /workspace || /bin/busybox chown -Rh "$1" /waybill /workspace`;
      await execInContainer(this.#ports.api, this.#container, ["/bin/sh", "-c", script, "sh", `${uid}:${gid}`]);
    } catch {
      // The container is gone already, or cannot: then the removal of the files says what is wrong.
    }
  }

  async #endContainer(): Promise<void> {
    try {
      await this.#ports.api.call({ method: "POST", path: `/containers/${this.#container}/kill` });
    } catch (error) {
      if (!isRefusal(error, 404) && !isRefusal(error, 409)) throw error;
    }
  }

  /**
   * While the container is frozen nothing in it can start another process behind our back. Not where commands in it
   * are the way to signal.
   */
  async #frozen<Result>(work: (processes: ContainerProcesses) => Promise<Result>): Promise<Result | undefined> {
    const processes = await this.#view();
    if (processes === null) return undefined;
    if (processes instanceof ExecProcesses) return await work(processes);
    const isFrozen = await this.#setFrozen(true);
    try {
      return await work(processes);
    } finally {
      if (isFrozen) await this.#setFrozen(false);
    }
  }

  async #setFrozen(freeze: boolean): Promise<boolean> {
    const path = `/containers/${this.#container}/${freeze ? "pause" : "unpause"}`;
    try {
      await this.#ports.api.call({ method: "POST", path });
      return true;
    } catch (error) {
      // 409: it ended, or a process of ours that was killed has left it frozen. Some kernels cannot (500).
      if (isRefusal(error, 409)) return true;
      if (isRefusal(error, 404) || isRefusal(error, 500)) return false;
      throw error;
    }
  }

  /** Null: the container does not run. */
  async #view(): Promise<ContainerProcesses | null> {
    if (this.#processes !== null) return this.#processes;
    const state = await inspectContainer(this.#ports.api, this.#container);
    if (state === null || !state.isRunning) return null;
    const isOurs = process.getuid?.() === 0 || this.#place.spec.place.isolation.user === "default";
    const ofHost = isOurs ? HostProcesses.of(state.pid, state.id) : null;
    this.#processes = ofHost ?? new ExecProcesses(this.#ports.api, state.id);
    return this.#processes;
  }

  /**
   * The connection broke. Either the container ended, or the daemon did and, told to (live-restore), lets its
   * containers go on. Meanwhile the files tell how the step goes; a daemon that is back is connected to again.
   */
  async #disconnected(events: SupervisorEvents): Promise<void> {
    const { api } = this.#ports;
    while (!this.#isDestroyed) {
      try {
        const state = await inspectContainer(api, this.#container);
        if (this.#isDestroyed) return;
        if (state?.isRunning !== true) return this.#gone(describeEnd(state));
        return this.#connectAgain(await attach(api, this.#container), events);
      } catch {
        if (this.#isDestroyed) return;
        this.#write = null;
        if (!this.isAlive()) return this.#gone("its container ended with the Docker daemon");
      }
      await new Promise<void>((resolve) => globalThis.setTimeout(resolve, DAEMON_RETRY_MS).unref());
    }
  }

  /** Whether its input was closed meanwhile cannot be known: so it is asked both ways from now on. */
  #connectAgain(socket: Duplex, events: SupervisorEvents): void {
    const write = this.#listen(socket, events);
    const { control } = this.#place;
    this.#write = (key) => {
      control.requestStep(key);
      write(key);
    };
    // What it said while nobody listened.
    if (this.#lastStep !== null && control.readEnd(this.#lastStep).type !== "open") events.stepEnded(this.#lastStep);
  }

  async #lookForEnd(): Promise<void> {
    try {
      const state = await inspectContainer(this.#ports.api, this.#container);
      if (state?.isRunning !== true) this.#isGone = true;
    } catch {
      // Not known while the daemon is away.
    }
  }

  #gone(detail: string): void {
    this.#isGone = true;
    this.#events?.gone(detail);
  }
}

/** The input and output of a container. */
export async function attach(api: EngineApi, container: string): Promise<Duplex> {
  const query = { stream: "1", stdin: "1", stdout: "1" };
  const socket = await api.hijack({ method: "POST", path: `/containers/${container}/attach`, query });
  socket.on("error", () => undefined);
  return socket;
}

/** Our process may end while the container goes on. */
function letProcessEnd(socket: Duplex): void {
  if ("unref" in socket && typeof socket.unref === "function") socket.unref();
}
