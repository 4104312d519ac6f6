import { readProcFile, readStatus } from "../process/process-table.ts";
import type { ContainerProcess, ContainerProcesses } from "./container-processes.ts";

const CGROUP_ROOT = "/sys/fs/cgroup";

/** A container's processes and memory as the kernel of this machine shows them: microseconds, no program is started. */
export class HostProcesses implements ContainerProcesses {
  readonly supervisor: number;
  readonly #groups: ContainerGroups;

  private constructor(supervisor: number, groups: ContainerGroups) {
    this.supervisor = supervisor;
    this.#groups = groups;
  }

  /**
   * @param pid of the container's first process, as the daemon sees it
   * @returns null: the daemon's process numbers are not ours, or control groups are not to be seen from here
   */
  static of(pid: number, containerId: string): HostProcesses | null {
    const groups = groupsOf(pid, containerId);
    return groups === null ? null : new HostProcesses(pid, groups);
  }

  async list(): Promise<readonly ContainerProcess[]> {
    const pids = (readProcFile(`${this.#groups.processes}/cgroup.procs`)?.toString("latin1") ?? "").split("\n");
    const found: ContainerProcess[] = [];
    for (const text of pids) {
      const pid = Number(text);
      if (pid <= 0 || pid === this.supervisor) continue;
      const status = readStatus(pid);
      if (status === null || status.isDead) continue;
      const { parent } = status;
      found.push({ pid, parent, isSupervisorsSleep: parent === this.supervisor && isShortSleep(pid) });
    }
    return await Promise.resolve(found);
  }

  async signal(pids: readonly number[], signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    for (const pid of pids) {
      send(pid, signal);
      // A stopped process acts on the signal only when it goes on.
      send(pid, "SIGCONT");
    }
    await Promise.resolve();
  }

  /** How many processes the kernel has ended because the container reached its memory limit; null: not to be seen. */
  memoryKills(): number | null {
    for (const file of ["memory.events", "memory.oom_control"]) {
      const text = readProcFile(`${this.#groups.memory}/${file}`)?.toString("latin1");
      const count = /^oom_kill (\d+)$/m.exec(text ?? "")?.[1];
      if (count !== undefined) return Number(count);
    }
    return null;
  }
}

function isShortSleep(pid: number): boolean {
  return readProcFile(`/proc/${pid}/cmdline`)?.toString("latin1") === "sleep\x001\0";
}

/** Directories of the control groups that hold a container. */
interface ContainerGroups {
  readonly processes: string;
  readonly memory: string;
}

function groupsOf(pid: number, containerId: string): ContainerGroups | null {
  const text = readProcFile(`/proc/${pid}/cgroup`)?.toString("latin1");
  // Numbers of another process namespace may mean anything here: only a group with the container's own id proves it.
  if (text === undefined || !text.includes(containerId)) return null;
  const groups = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined || !path.includes(containerId)) continue;
    for (const controller of controllers.split(",")) groups.set(controller, path);
  }
  const directory = (controller: string): string | null => {
    const own = groups.get(controller);
    if (own !== undefined) return `${CGROUP_ROOT}/${controller}${own}`;
    const unified = groups.get("");
    return unified === undefined ? null : `${CGROUP_ROOT}${unified}`;
  };
  const processes = directory("pids");
  const memory = directory("memory");
  if (processes === null || memory === null) return null;
  return readProcFile(`${processes}/cgroup.procs`) === null ? null : { processes, memory };
}

function send(pid: number, name: "SIGTERM" | "SIGKILL" | "SIGCONT"): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}
