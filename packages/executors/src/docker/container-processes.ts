/** A process of a container, by its number where the container's processes are signalled from. */
export interface ContainerProcess {
  readonly pid: number;
  readonly parent: number;
  /** The supervisor's own way of waiting, when it looks for steps by file: it ends within a second. */
  readonly isSupervisorsSleep: boolean;
}

/** The processes of one container: how they are seen and signalled. */
export interface ContainerProcesses {
  /** The number of the supervisor. */
  readonly supervisor: number;
  /** All that live, but the supervisor. */
  list(): Promise<readonly ContainerProcess[]>;
  /** @param pids as `list` gave them */
  signal(pids: readonly number[], signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

export function childrenIn(
  processes: readonly ContainerProcess[],
  parents: ReadonlySet<number>,
): readonly ContainerProcess[] {
  return processes.filter(({ parent }) => parents.has(parent));
}
