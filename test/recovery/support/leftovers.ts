import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { dockerLabels } from "../../support/docker-api.ts";

/** How long supervisors without work may take to notice: they look once a second. */
const PATIENCE_MS = 20_000;

export interface CrashSite {
  /** The project. */
  readonly directory: string;
  /** What its programs have for `TMPDIR`. */
  readonly temporary: string;
  /** Ids of all executions there were. */
  readonly executions: readonly string[];
  /** Of the programs that drove its runs. */
  readonly pids: readonly number[];
  /** Null: nothing ran in containers. */
  readonly dockerHost: string | null;
}

/** What is still there of runs that are over, besides their records; empty: nothing is. */
export async function leftovers(site: CrashSite): Promise<string[]> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const left = [...filesOf(site), ...processesOf(site)];
    if (left.length === 0) left.push(...groupsOf(site), ...(await dockerOf(site)));
    if (left.length === 0 || performance.now() > end) return left;
    await setTimeout(50);
  }
}

function filesOf({ directory, temporary }: CrashSite): string[] {
  const state = join(directory, ".waybill");
  const executions = list(join(state, "executions"));
  return [
    ...["workspaces", "claims"].flatMap((name) => list(join(state, name)).map((entry) => entry.path)),
    // Files beside them, such as the supervisor's script, serve all executions.
    ...executions.filter(({ isDirectory, path }) => isDirectory || path.includes("@")).map(({ path }) => path),
    ...list(temporary).map((entry) => entry.path),
  ];
}

/**
 * Command lines of the processes that work in the project, were started with a path in it, or belong to an execution;
 * empty without `/proc`.
 */
function processesOf({ directory, executions }: CrashSite): string[] {
  if (!existsSync("/proc/self/environ")) return [];
  const marks = [`${directory}/`, ...executions];
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      const known = `${commandLine}${readFileSync(`/proc/${pid}/environ`, "utf8")}`;
      return marks.some((mark) => known.includes(mark)) ? [`${pid} ${commandLine}`] : [];
    } catch {
      return [];
    }
  });
}

/** Control groups of the executions. */
function groupsOf({ directory, executions }: CrashSite): string[] {
  const names = new Set(
    executions.map((id) => {
      const control = join(directory, ".waybill/executions", id);
      return `waybill-${createHash("sha256").update(control).digest("hex").slice(0, 12)}`;
    }),
  );
  const found = spawnSync("find", ["/sys/fs/cgroup", "-type", "d", "-name", "waybill-*"], { encoding: "utf8" });
  return found.stdout.split("\n").filter((path) => names.has(path.slice(path.lastIndexOf("/") + 1)));
}

async function dockerOf({ directory, pids, dockerHost }: CrashSite): Promise<string[]> {
  if (dockerHost === null) return [];
  const controls = await dockerLabels(dockerHost, "containers", "waybill.control");
  const owners = await dockerLabels(dockerHost, "networks", "waybill.owner");
  return [
    ...controls.filter((path) => path.startsWith(`${directory}/`)).map((path) => `container of ${path}`),
    ...owners.filter((owner) => pids.includes(Number.parseInt(owner, 10))).map((owner) => `network of ${owner}`),
  ];
}

function list(directory: string): { readonly path: string; readonly isDirectory: boolean }[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).map((entry) => ({
    path: join(directory, entry.name),
    isDirectory: entry.isDirectory(),
  }));
}
