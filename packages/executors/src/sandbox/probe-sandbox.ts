import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { systemErrorCode } from "../files/hostile-file.ts";
import { whereIs } from "./entry.ts";

export type SandboxProbe =
  | {
      readonly available: true;
      /** Of bubblewrap. */
      readonly version: string;
    }
  | {
      readonly available: false;
      /** What is missing and what to do, in sentences. */
      readonly reason: string;
    };

export interface ProbeOptions {
  /** Search path. */
  readonly path?: string;
  /** bubblewrap; `bwrap` of the search path where left out. */
  readonly program?: string;
}

/** Longer than any machine takes, for one that hangs. */
const TIMEOUT_MS = 10_000;

const run = promisify(execFile);

/** What a kernel may forbid, as it says itself. A file that is not there forbids nothing. */
const SWITCHES = [
  {
    file: "/proc/sys/kernel/unprivileged_userns_clone",
    forbids: "0",
    reason: "this kernel lets only root make user namespaces (kernel.unprivileged_userns_clone is 0).",
    remedy: "Allow them: sysctl -w kernel.unprivileged_userns_clone=1.",
  },
  {
    file: "/proc/sys/user/max_user_namespaces",
    forbids: "0",
    reason: "this kernel makes no user namespaces (user.max_user_namespaces is 0).",
    remedy: "Allow them: sysctl -w user.max_user_namespaces=10000.",
  },
  {
    file: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    forbids: "1",
    reason: "AppArmor forbids bubblewrap user namespaces (kernel.apparmor_restrict_unprivileged_userns is 1).",
    remedy:
      "Give bubblewrap a profile that has `userns,` (Ubuntu: apt-get install apparmor-profiles, then enable bwrap-userns-restrict).",
  },
] as const;

/** Whether sandboxes can be made here, tried with one that does what those of jobs do. */
export async function probeSandbox(options: ProbeOptions = {}): Promise<SandboxProbe> {
  const path = options.path ?? process.env["PATH"] ?? "";
  const env = { PATH: path, LC_ALL: "C" };
  let version: string;
  let program: string;
  try {
    program = await whereIs(options.program ?? "bwrap", path);
    const { stdout } = await run(program, ["--version"], { env, timeout: TIMEOUT_MS });
    version = stdout.replace(/^bubblewrap\s*/, "").trim();
  } catch (error) {
    const detail = systemErrorCode(error) === "EACCES" ? "may not be executed" : "is not installed";
    return {
      available: false,
      reason: `bubblewrap ${detail}. Install it: apt-get install bubblewrap, dnf install bubblewrap, apk add bubblewrap.`,
    };
  }
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    for (const tool of ["setpriv", "unshare"]) {
      try {
        await whereIs(tool, path);
      } catch {
        return {
          available: false,
          reason: `Waybill runs as root and ${tool} is not installed, with which a job is made another user. Install util-linux, or run Waybill as an ordinary user.`,
        };
      }
    }
  }
  const trial = [
    ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup", "--new-session"],
    ...["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "/bin/sh", "-c", ":"],
  ];
  try {
    await run(program, trial, { env, timeout: TIMEOUT_MS });
    return { available: true, version };
  } catch (error) {
    return { available: false, reason: explain(error) };
  }
}

function explain(error: unknown): string {
  const forbidden = SWITCHES.find(({ file, forbids }) => readOrNull(file) === forbids);
  if (forbidden !== undefined) return `${forbidden.reason} ${forbidden.remedy}`;
  const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim().split("\n").at(-1) : "";
  const detail = said === "" || said === undefined ? "bubblewrap failed without a word" : said;
  if (/Creating new namespace failed|No permissions? to creat|uid map|Operation not permitted/i.test(detail)) {
    return `user namespaces are forbidden here: ${detail}. Inside a container allow them (docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined), or use another executor.`;
  }
  return `a trial failed: ${detail}. Correct what bubblewrap names, or use another executor.`;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}
