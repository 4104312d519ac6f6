import { readdirSync, readFileSync } from "node:fs";
import { dockerApi } from "../../support/docker-api.ts";
import type { CrashProject } from "./crash-project.ts";

/** Kills one supervisor of the project's executions, as somebody from outside would. False: none runs now. */
export async function killSupervisor(project: CrashProject, random: () => number): Promise<boolean> {
  if (project.executor === "docker") return await killContainer(project, random).catch(() => false);
  const pids = supervisorsOf(project);
  const pid = pids[Math.floor(random() * pids.length)];
  if (pid === undefined) return false;
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

/** Of processes: those that run the script of the project. Of sandboxes: the first process of each. */
function supervisorsOf(project: CrashProject): number[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const commandLine = readFileSync(`/proc/${pid}/cmdline`, "latin1");
      if (project.executor === "process") {
        return commandLine.includes(`${project.directory}/.waybill/executions/supervisor-`) ? [Number(pid)] : [];
      }
      const isFirst = /^NSpid:.*\t1$/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
      const mounts = isFirst ? readFileSync(`/proc/${pid}/mountinfo`, "latin1") : "";
      return mounts.includes(`${project.directory}/.waybill/executions/`) ? [Number(pid)] : [];
    } catch {
      return [];
    }
  });
}

async function killContainer(project: CrashProject, random: () => number): Promise<boolean> {
  const host = process.env["DOCKER_HOST"] ?? "";
  const filters = JSON.stringify({ label: ["waybill.control"] });
  const all = (await dockerApi(host, "GET", "/containers/json", { filters })) as {
    readonly Id: string;
    readonly Labels: Readonly<Record<string, string>>;
  }[];
  const own = all.filter(({ Labels: labels }) => labels["waybill.control"]?.startsWith(`${project.directory}/`));
  const chosen = own[Math.floor(random() * own.length)];
  if (chosen === undefined) return false;
  try {
    await dockerApi(host, "POST", `/containers/${chosen.Id}/kill`);
    return true;
  } catch {
    return false;
  }
}
