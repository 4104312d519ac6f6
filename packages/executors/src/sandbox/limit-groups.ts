import { WaybillError } from "@waybill/core";
import { LimitGroup, type GroupLimits } from "./limit-group.ts";
import { findPlaces, readOrEmpty, type GroupPlace } from "./limit-places.ts";

/**
 * What the limits of an execution need, found once and for all.
 *
 * @throws WaybillError `EXECUTOR_LIMIT_UNAVAILABLE`
 */
export class LimitGroups {
  #places: readonly GroupPlace[] | null = null;

  /** @param name of the group: the same in every process of ours */
  make(name: string, limits: GroupLimits): LimitGroup {
    const wanted = (["memory", "cpu"] as const).filter((each) => limits[each === "cpu" ? "cpus" : each] !== null);
    const places = this.#find().filter(({ controller }) => wanted.includes(controller));
    const missing = wanted.find((each) => !places.some(({ controller }) => controller === each));
    if (missing !== undefined) throw unavailable(missing, "this kernel has no control group for it.");
    const group = new LimitGroup(places, name);
    try {
      group.make(limits);
    } catch (cause) {
      void group.remove();
      throw unavailable(wanted.join(" and "), `${cause instanceof Error ? cause.message : String(cause)}.`, cause);
    }
    return group;
  }

  /** The group of an execution that an earlier process of ours made. */
  find(name: string): LimitGroup {
    return new LimitGroup(this.#find(), name);
  }

  #find(): readonly GroupPlace[] {
    this.#places ??= findPlaces(
      ["memory", "cpu"],
      readOrEmpty("/proc/self/cgroup"),
      readOrEmpty("/proc/self/mountinfo"),
    );
    return this.#places;
  }
}

function unavailable(limit: string, detail: string, cause?: unknown): WaybillError {
  return new WaybillError("EXECUTOR_LIMIT_UNAVAILABLE", { limit, detail }, { cause });
}
