import { WaybillError } from "@waybill/core";
import type { JobPlace } from "@waybill/engine";

/** What a job may use. Null: as much as there is. */
export interface Limits {
  /** Bytes. */
  readonly memory: number | null;
  /** Processors. */
  readonly cpus: number | null;
  /** Processes and threads. */
  readonly pids: number;
}

/** What no job may exceed, whatever its pipeline says; left out: there is no such bound. */
export type MaximumLimits = Partial<Record<keyof Limits, number>>;

/**
 * The limits of a job: what it asks for, else the defaults, which never exceed the maxima.
 *
 * @throws WaybillError `EXECUTOR_LIMIT_EXCEEDED` where the pipeline asks for more than the server allows
 */
export function limitsOf<Defaults extends Limits>(
  place: JobPlace,
  defaults: Defaults,
  maxima: MaximumLimits,
): Defaults {
  const limit = (name: keyof Limits): number | null => {
    const wanted = place.resources[name];
    const maximum = maxima[name];
    if (wanted === null) return maximum === undefined ? defaults[name] : Math.min(defaults[name] ?? maximum, maximum);
    if (maximum !== undefined && wanted > maximum) {
      throw new WaybillError("EXECUTOR_LIMIT_EXCEEDED", { name, wanted, maximum });
    }
    return wanted;
  };
  // A limit is null only where its default is.
  return { ...defaults, memory: limit("memory"), cpus: limit("cpus"), pids: limit("pids") };
}
