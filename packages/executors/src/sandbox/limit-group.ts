import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { systemErrorCode } from "../files/hostile-file.ts";
import type { Controller, GroupPlace } from "./limit-places.ts";

/** What a control group is asked to keep. Null: no limit. */
export interface GroupLimits {
  /** Bytes. */
  readonly memory: number | null;
  /** Processors; 0.5 is half the time of one. */
  readonly cpus: number | null;
}

/** The span in which a share of processor time is counted, in microseconds: the kernel's own default. */
const CPU_PERIOD = 100_000;
/** The kernel takes no shorter share than this, in microseconds. */
const MIN_CPU_QUOTA = 1_000;
/** A group can be removed a moment after its last process has ended. */
const REMOVE_TRIES = 200;

/**
 * Control groups of the kernel for one execution: below the group we are in ourselves, so that whatever limits us
 * limits all jobs together. With version 1 each controller has a tree of its own, with version 2 they share one.
 */
export class LimitGroup {
  readonly #places: readonly GroupPlace[];
  readonly #name: string;

  /** As `make` left it; whether it still exists is not looked at. */
  constructor(places: readonly GroupPlace[], name: string) {
    this.#places = places;
    this.#name = name;
  }

  /** @throws the system error where the kernel or its permissions refuse */
  make(limits: GroupLimits): void {
    for (const { controller, parent, version } of this.#places) {
      const path = join(parent, this.#name);
      const files = version === 2 ? settingsV2(controller, limits) : settingsV1(controller, limits);
      if (files.length === 0) continue;
      try {
        mkdirSync(path);
      } catch (error) {
        if (systemErrorCode(error) !== "EEXIST") throw error;
      }
      for (const [name, value, isOptional] of files) {
        try {
          writeFileSync(join(path, name), value);
        } catch (error) {
          // Without an account of swap there is no limit on it to set.
          if (!isOptional) throw error;
        }
      }
    }
  }

  /**
   * Puts a process in, and with it all that it will start.
   *
   * @throws the system error where the kernel or its permissions refuse
   */
  add(pid: number): void {
    for (const path of this.#directories()) writeFileSync(join(path, "cgroup.procs"), String(pid));
  }

  /** How often the kernel ended a process of the group because its memory was used up. */
  outOfMemoryCount(): number {
    const place = this.#places.find(({ controller }) => controller === "memory");
    if (place === undefined) return 0;
    const file = place.version === 2 ? "memory.events" : "memory.oom_control";
    try {
      const text = readFileSync(join(place.parent, this.#name, file), "utf8");
      return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
    } catch {
      return 0;
    }
  }

  /** Its processes have ended. */
  async remove(): Promise<void> {
    for (const path of this.#directories()) {
      for (let tries = 1; !isRemoved(path) && tries < REMOVE_TRIES; tries += 1) await setTimeout(5);
    }
  }

  #directories(): ReadonlySet<string> {
    return new Set(this.#places.map(({ parent }) => join(parent, this.#name)));
  }
}

/** False: somebody is still in it. */
function isRemoved(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== "EBUSY";
  }
}

type Setting = readonly [name: string, value: string, isOptional: boolean];

function settingsV1(controller: Controller, limits: GroupLimits): Setting[] {
  if (controller === "memory") {
    if (limits.memory === null) return [];
    return [
      ["memory.limit_in_bytes", String(limits.memory), false],
      // Memory and swap together: without it a job would fill the swap first.
      ["memory.memsw.limit_in_bytes", String(limits.memory), true],
    ];
  }
  if (limits.cpus === null) return [];
  return [
    ["cpu.cfs_period_us", String(CPU_PERIOD), false],
    ["cpu.cfs_quota_us", String(quota(limits.cpus)), false],
  ];
}

function settingsV2(controller: Controller, limits: GroupLimits): Setting[] {
  if (controller === "memory") {
    if (limits.memory === null) return [];
    return [
      ["memory.max", String(limits.memory), false],
      ["memory.swap.max", "0", true],
    ];
  }
  return limits.cpus === null ? [] : [["cpu.max", `${quota(limits.cpus)} ${CPU_PERIOD}`, false]];
}

function quota(cpus: number): number {
  return Math.max(MIN_CPU_QUOTA, Math.round(cpus * CPU_PERIOD));
}
