import { execFile } from "node:child_process";
import { basename, dirname } from "node:path";
import { promisify } from "node:util";
import { SUPERVISOR_SCRIPT } from "../protocol/supervisor-script.ts";
import { INSIDE } from "./view.ts";
import { READY } from "./sandbox-process.ts";

/*
 * The last stretch into a sandbox: from bubblewrap, which has built the walls, to the supervisor, which runs as the
 * job's user and without any privilege.
 */

/** User and group of a job, as it sees itself. */
export const INSIDE_ID = 1000;

/** What root may do where a job asked to be root, inside its own user namespace only: no more than containers grant. */
const ROOT_CAPABILITIES = [
  ...["chown", "dac_override", "fowner", "fsetid", "kill"],
  ...["setgid", "setuid", "setpcap", "net_bind_service", "setfcap"],
];

/**
 * The number of processes is limited by the shell that becomes the supervisor: the kernel counts them by user and user
 * namespace, so those of one sandbox alone. Shells have two names for the option. The supervisor comes as text: a file of it would be one
 * more mount for each job.
 */
const START = `case \${BASH_VERSION-}\${ZSH_VERSION-}\${KSH_VERSION-} in
  '') ulimit -p "$1" || exit 1 ;;
  *) ulimit -u "$1" || exit 1 ;;
esac
shift
echo ${READY}
${SUPERVISOR_SCRIPT}`;

export interface Entry {
  /** Arguments of bubblewrap. */
  readonly options: readonly string[];
  readonly command: readonly string[];
}

export interface EntryOptions {
  /** We are root outside, and the job must not be. */
  readonly isMapped: boolean;
  /** The job is root inside. */
  readonly isRoot: boolean;
  /** Most processes and threads at once. */
  readonly pids: number;
  readonly tools: EntryTools;
  /** The view has not this machine's programs: they are brought along. */
  readonly bringsTools: boolean;
}

export function entry({ isMapped, isRoot, pids, tools, bringsTools }: EntryOptions): Entry {
  const start = ["/bin/sh", "-c", START, "sh", String(pids), "/bin/sh"];
  const kept = isRoot ? ROOT_CAPABILITIES : [];
  if (!isMapped) {
    const id = isRoot ? "0" : String(INSIDE_ID);
    const capabilities = kept.flatMap((name) => ["--cap-add", `CAP_${name.toUpperCase()}`]);
    return {
      options: ["--unshare-user", "--uid", id, "--gid", id, "--cap-drop", "ALL", ...capabilities],
      command: start,
    };
  }
  const called = (name: "setpriv" | "unshare"): readonly string[] => tools[bringsTools ? "brought" : "own"][name];
  const id = String(INSIDE_ID);
  const none = ["--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all", "--"];
  const user = [...called("setpriv"), `--reuid=${id}`, `--regid=${id}`, "--clear-groups", ...none];
  // Root is made in a user namespace of its own: there its number outside is the job's user, not ours.
  const bounds = `--bounding-set=-all,${kept.map((name) => `+${name}`).join(",")}`;
  const root = [
    ...[...called("unshare"), "--user", "--map-root-user", "--"],
    ...[...called("setpriv"), bounds, "--inh-caps=-all", "--"],
  ];
  return {
    options: [
      ...["--cap-drop", "ALL", ...["SETUID", "SETGID", "SETPCAP"].flatMap((name) => ["--cap-add", `CAP_${name}`])],
      ...(bringsTools ? tools.args : []),
    ],
    command: [...user, ...(isRoot ? root : []), ...start],
  };
}

/** Programs that the way in needs where we are root. */
export interface EntryTools {
  /** As this machine has them. */
  readonly own: Readonly<Record<"setpriv" | "unshare", readonly string[]>>;
  /** Brought along with their libraries to where a view without them can use them. */
  readonly brought: Readonly<Record<"setpriv" | "unshare", readonly string[]>>;
  /** Arguments of bubblewrap that bring them. */
  readonly args: readonly string[];
}

/**
 * @param path search path
 * @throws an error of the shell where this machine does not have them
 */
export async function findEntryTools(path: string): Promise<EntryTools> {
  const args = ["--dir", "/run", "--dir", dirname(INSIDE.tools), "--dir", INSIDE.tools];
  const own = { setpriv: [] as string[], unshare: [] as string[] };
  const brought = { setpriv: [] as string[], unshare: [] as string[] };
  const shown = new Set<string>();
  const bring = (file: string): string => {
    const inside = `${INSIDE.tools}/${basename(file)}`;
    if (!shown.has(inside)) args.push("--ro-bind", file, inside);
    shown.add(inside);
    return inside;
  };
  for (const name of ["setpriv", "unshare"] as const) {
    const program = await whereIs(name, path);
    const needed = await librariesOf(program, path);
    const loader = needed.loader === null ? [] : [bring(needed.loader), "--library-path", INSIDE.tools];
    for (const library of needed.libraries) bring(library);
    own[name] = [program];
    brought[name] = [...loader, bring(program)];
  }
  return { own, brought, args };
}

const run = promisify(execFile);

/** Absolute path of a program. @throws where there is none */
export async function whereIs(program: string, path: string): Promise<string> {
  const { stdout } = await run("/bin/sh", ["-c", 'command -v -- "$1"', "sh", program], { env: { PATH: path } });
  return stdout.trim();
}

interface Needed {
  /** Null: the program stands alone. */
  readonly loader: string | null;
  readonly libraries: readonly string[];
}

/** `ldd` prints `NAME => PATH (ADDRESS)` for libraries and `PATH (ADDRESS)` for what loads them. */
async function librariesOf(program: string, path: string): Promise<Needed> {
  const printed = await run("ldd", [program], { env: { PATH: path, LC_ALL: "C" } }).catch(() => ({ stdout: "" }));
  const libraries: string[] = [];
  let loader: string | null = null;
  for (const line of printed.stdout.split("\n")) {
    const [, isLibrary, file] = /^\s*(?:\S+ (=>) )?(\/\S+) \(0x/.exec(line) ?? [];
    if (file === undefined) continue;
    if (isLibrary === undefined) loader = file;
    else libraries.push(file);
  }
  return { loader, libraries };
}
