import { WaybillError } from "@waybill/core";
import { randomUUID } from "node:crypto";
import { EngineRefusal, isRefusal, type EngineApi } from "./engine-api.ts";
import { isOwnerAlive, OWNER_LABEL, thisProcess } from "./execution-labels.ts";

const PREFIX = "waybill-net-";
/** More idle networks than this are removed: Docker's own address pools have room for about thirty networks. */
const MAX_IDLE = 4;

/**
 * Bridge networks, one for each execution. Making one takes about 60 ms and removing it 140 ms, half as long as all
 * else a short job needs; so a network whose execution is closed, and which is empty then, serves the next one. At no
 * time are two executions in one network. What is idle is removed when the executor is disposed of.
 */
export class NetworkPool {
  readonly #api: EngineApi;
  /** Names; the one that was used last on top. */
  readonly #idle: string[] = [];
  readonly #owner: string;
  #isDisposed = false;

  constructor(api: EngineApi) {
    this.#api = api;
    this.#owner = thisProcess();
  }

  /** A network nobody is in: its name at once, and when it is there. */
  take(): { readonly name: string; readonly ready: Promise<void> } {
    const idle = this.#idle.pop();
    if (idle !== undefined) return { name: idle, ready: Promise.resolve() };
    const name = `${PREFIX}${randomUUID()}`;
    return { name, ready: this.#create(name) };
  }

  /** Takes back a network that nobody is in any more. */
  async release(name: string): Promise<void> {
    if (this.#isDisposed || this.#idle.length >= MAX_IDLE) await this.remove(name);
    else this.#idle.push(name);
  }

  /** Removes a network; nothing where it is gone already, or still in use by others. */
  async remove(name: string): Promise<void> {
    if (!isPoolNetwork(name)) return;
    try {
      await this.#api.call({ method: "DELETE", path: `/networks/${encodeURIComponent(name)}` });
    } catch (error) {
      if (!isRefusal(error, 404) && !isRefusal(error, 403) && !isRefusal(error, 409)) throw error;
    }
  }

  /** Removes what is idle; what is taken back later is removed as well. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await Promise.all(this.#idle.splice(0).map((name) => this.remove(name)));
  }

  /** Removes the networks of processes of ours that are no more. Those still in use are kept. */
  async sweep(): Promise<void> {
    await this.#removeWhere((owner) => !isOwnerAlive(owner));
  }

  async #removeWhere(isMeant: (owner: string) => boolean): Promise<void> {
    const filters = JSON.stringify({ label: [OWNER_LABEL] });
    const networks = (await this.#api.call({ method: "GET", path: "/networks", query: { filters } })) as {
      readonly Name: string;
      readonly Labels: Readonly<Record<string, string>> | null;
    }[];
    const meant = networks.filter(({ Labels }) => isMeant(Labels?.[OWNER_LABEL] ?? ""));
    await Promise.all(meant.map(({ Name }) => this.remove(Name)));
  }

  async #create(name: string): Promise<void> {
    try {
      await this.#createOnce(name);
    } catch (error) {
      if (!isExhausted(error)) throw error;
      // Idle ones of other executors are as good as ours: who misses one makes another.
      await this.#removeWhere(() => true);
      await this.#createOnce(name).catch((again: unknown) => {
        if (!isExhausted(again)) throw again;
        throw new WaybillError("DOCKER_NETWORKS_EXHAUSTED", { detail: again.message }, { cause: again });
      });
    }
  }

  async #createOnce(name: string): Promise<void> {
    const body = { Name: name, Driver: "bridge", CheckDuplicate: true, Labels: { [OWNER_LABEL]: this.#owner } };
    await this.#api.call({ method: "POST", path: "/networks/create", body });
  }
}

export function isPoolNetwork(name: string): boolean {
  return name.startsWith(PREFIX);
}

function isExhausted(error: unknown): error is EngineRefusal {
  return error instanceof EngineRefusal && /address pool|predefined address/i.test(error.message);
}
