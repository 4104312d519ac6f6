import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerLabels } from "./docker-api.ts";

export interface ExecutionSite {
  /** The project's `.waybill/executions`. */
  readonly directory: string;
  /** Ids of the executions in question. */
  readonly executions: readonly string[];
  /** Where executions have temporary directories; the system's where left out. */
  readonly temporary?: string;
}

/** What there is of executions outside their directories: processes, control groups, temporary directories. */
export function executionTraces(site: ExecutionSite): string[] {
  const { directory, executions, temporary = tmpdir() } = site;
  const names = new Set(executions.map((id) => shortName(join(directory, id))));
  const isOurs = (path: string): boolean => names.has(path.slice(path.lastIndexOf("/") + 1));
  const groups = spawnSync("find", ["/sys/fs/cgroup", "-type", "d", "-name", "waybill-*"], { encoding: "utf8" });
  return [
    ...processesKnowing(executions),
    ...groups.stdout.split("\n").filter(isOurs),
    ...readdirSync(temporary).filter(isOurs),
  ];
}

/**
 * Command lines of the processes that have one of the texts in their environment, or in that or their command line;
 * none without `/proc`.
 */
export function processesKnowing(texts: readonly string[], where: "environment" | "anywhere" = "anywhere"): string[] {
  if (!existsSync("/proc/self/environ")) return [];
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      const commandLine = readFileSync(`/proc/${pid}/cmdline`, "latin1");
      const known = readFileSync(`/proc/${pid}/environ`, "latin1") + (where === "anywhere" ? commandLine : "");
      return texts.some((text) => known.includes(text)) ? [`${pid} ${commandLine}`] : [];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

/**
 * Containers of the executions in a directory, and networks that were made by processes with these numbers.
 *
 * @param dockerHost address of the daemon
 */
export async function dockerTraces(dockerHost: string, directory: string, pids: readonly number[]): Promise<string[]> {
  const controls = await dockerLabels(dockerHost, "containers", "waybill.control");
  const owners = await dockerLabels(dockerHost, "networks", "waybill.owner");
  return [
    ...controls.filter((path) => path.startsWith(`${directory}/`)).map((path) => `container of ${path}`),
    ...owners.filter((owner) => pids.includes(Number.parseInt(owner, 10))).map((owner) => `network of ${owner}`),
  ];
}

function shortName(control: string): string {
  return `waybill-${createHash("sha256").update(control).digest("hex").slice(0, 12)}`;
}
