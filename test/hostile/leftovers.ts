import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

/** Ids of the processes of this machine whose command line holds `marker`; this process excepted. */
export function processesWith(marker: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((pid) => commandLine(pid).includes(marker))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    // It ended between being listed and being looked at.
    return "";
  }
}

/** Expects that no process with `marker` is left. Supervisors end when ours has, so they are given a moment. */
export async function expectNoProcess(marker: string): Promise<void> {
  await expect.poll(() => processesWith(marker), { timeout: 10_000 }).toEqual([]);
}

/** What runs left in a project besides what they are to keep: directories of executions and workspaces. */
export function leftDirectories(project: string): string[] {
  return ["executions", "workspaces"].flatMap((part) => {
    try {
      return readdirSync(join(project, ".waybill", part), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => `${part}/${entry.name}`);
    } catch {
      return [];
    }
  });
}
