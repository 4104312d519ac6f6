import { WaybillError } from "@waybill/core";
import { LimitGroup, type GroupLimits } from "./limit-group.ts";
import { findPlaces, readOrEmpty, type Controller, type GroupPlace } from "./limit-places.ts";

/** The control groups of executions. What this machine has of them is found once. */
export class LimitGroups {
  readonly #found = new Map<string, readonly GroupPlace[]>();

  /**
   * @param name of the group: the same in every process of ours
   * @throws WaybillError `EXECUTOR_LIMIT_UNAVAILABLE`
   */
  make(name: string, limits: GroupLimits): LimitGroup {
    const wanted: Controller[] = [];
    if (limits.memory !== null) wanted.push("memory");
    if (limits.cpus !== null) wanted.push("cpu");
    const places = this.#find(wanted);
    const missing = wanted.filter((each) => !places.some(({ controller }) => controller === each));
    if (missing.length > 0) throw unavailable(missing.join(" and "), "there is no control group for it here.");
    const group = new LimitGroup(places, name);
    try {
      group.make(limits);
    } catch (cause) {
      void group.remove();
      throw unavailable(wanted.join(" and "), messageOf(cause), cause);
    }
    return group;
  }

  /** @throws WaybillError `EXECUTOR_LIMIT_UNAVAILABLE` */
  enter(group: LimitGroup, pid: number): void {
    try {
      group.add(pid);
    } catch (cause) {
      throw unavailable("memory or processors", messageOf(cause), cause);
    }
  }

  /** The group of an execution that an earlier process of ours may have made. */
  find(name: string): LimitGroup {
    return new LimitGroup([...this.#find(["memory", "cpu"]), ...this.#find(["memory"]), ...this.#find(["cpu"])], name);
  }

  #find(controllers: readonly Controller[]): readonly GroupPlace[] {
    const key = controllers.join();
    const found =
      this.#found.get(key) ??
      findPlaces(controllers, readOrEmpty("/proc/self/cgroup"), readOrEmpty("/proc/self/mountinfo"));
    this.#found.set(key, found);
    return found;
  }
}

function messageOf(error: unknown): string {
  return `${error instanceof Error ? error.message : String(error)}.`;
}

function unavailable(limit: string, detail: string, cause?: unknown): WaybillError {
  return new WaybillError("EXECUTOR_LIMIT_UNAVAILABLE", { limit, detail }, { cause });
}
