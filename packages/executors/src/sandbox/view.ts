import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { hostToolPlaces } from "./host-tools.ts";
import { readableSecrets } from "./private-paths.ts";

/** Where a job finds things. */
export const INSIDE = {
  workspace: "/workspace",
  temporary: "/tmp",
  home: "/home",
  control: "/run/waybill/control",
  tools: "/run/waybill/tools",
} as const;

/** Bytes of shared memory (`/dev/shm`) a job has, as containers have. */
const SHARED_MEMORY = 64 * 1024 * 1024;

/** Directories of a system that programs are made of. */
const SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix/store", "/etc"];

/** Of an image's root: what a sandbox brings itself. */
const OWN = new Set(["dev", "home", "proc", "root", "run", "sys", "tmp", "workspace"]);

/** What a job sees of the file system besides its own directories, as arguments of bubblewrap. */
export interface View {
  readonly args: readonly string[];
  /** Those that may be below the job's own directories, and so come after them. */
  readonly tools: readonly string[];
}

export interface HostViewOptions {
  /** The search path of jobs. */
  readonly path: string;
  /** The home directory of the user we run as; nothing of it is shown but what the search path names. */
  readonly homeDirectory: string;
  /** Files and directories with the certificates that variables of the environment name. */
  readonly certificates: readonly string[];
  /** Files that stand in for those of the system. */
  readonly accounts: { readonly passwd: string; readonly group: string };
  /** What the user the job has outside may read. */
  readonly mayRead: (path: string) => boolean;
}

/** The tools of this machine, read-only, and nothing else of it. */
export function hostView(options: HostViewOptions): View {
  const args: string[] = [];
  for (const path of SYSTEM) args.push(...shown(path, path));
  for (const path of options.certificates) if (!isShown(path)) args.push(...wayTo(path), ...shown(path, path));
  for (const [path, own] of Object.entries(options.accounts)) {
    if (isPlainFile(`/etc/${path}`)) args.push("--ro-bind", own, `/etc/${path}`);
  }
  args.push("--dir", "/var", "--symlink", "../tmp", "/var/tmp");
  for (const secret of readableSecrets(options.mayRead)) {
    args.push(...(secret.isDirectory ? ["--tmpfs", secret.path] : ["--ro-bind", "/dev/null", secret.path]));
  }
  args.push(...resolverArgs());
  const tools = hostToolPlaces(options.path, options.homeDirectory);
  return { args, tools: tools.flatMap((path) => [...wayTo(path), "--ro-bind", path, path]) };
}

/** An unpacked root file system, read-only. Its top is rebuilt, so that nothing in it has to be made for us. */
export function imageView(root: string): View {
  const args: string[] = [];
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (!OWN.has(entry.name)) args.push(...shown(join(root, entry.name), `/${entry.name}`));
  }
  // A link on the way would lead bubblewrap, which makes what it mounts on, to files of this machine.
  if (isDirectory(join(root, "var")) && isDirectory(join(root, "var/tmp")))
    args.push(...["--perms", "1777", "--size", String(SHARED_MEMORY), "--tmpfs", "/var/tmp"]);
  return { args: args.concat(nameServiceArgs(root)), tools: [] };
}

/** The part that is the same for every view: `directories` are on this machine. */
export function ownPlaces(
  view: View,
  directories: {
    readonly workspace: string;
    readonly temporary: string;
    readonly home: string;
    readonly control: string;
  },
): string[] {
  return [
    ...["--proc", "/proc", "--dev", "/dev"],
    ...["--perms", "1777", "--size", String(SHARED_MEMORY), "--tmpfs", "/dev/shm"],
    ...Object.values(INSIDE).flatMap(wayTo),
    ...["--bind", directories.workspace, INSIDE.workspace],
    ...["--bind", directories.temporary, INSIDE.temporary],
    ...["--bind", directories.home, INSIDE.home],
    ...["--bind", directories.control, INSIDE.control],
    ...view.tools,
    ...["--remount-ro", "/dev", "--remount-ro", "/"],
  ];
}

/** The directories above a place, open for everyone: those that bubblewrap makes unasked are its own user's alone. */
function wayTo(path: string): string[] {
  const above: string[] = [];
  for (let directory = dirname(path); directory !== "/"; directory = dirname(directory)) above.unshift(directory);
  return above.flatMap((directory) => ["--dir", directory]);
}

/** A directory or file as it is, a link as a link; nothing where there is nothing. */
function shown(path: string, inside: string): string[] {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return [];
  if (status.isSymbolicLink()) return ["--symlink", readlinkSync(path), inside];
  return status.isDirectory() || status.isFile() ? ["--ro-bind", path, inside] : [];
}

function isShown(path: string): boolean {
  return !path.startsWith("/") || SYSTEM.some((directory) => path.startsWith(`${directory}/`));
}

/** Where the list of name servers is a link to a file a service writes, that file. */
function resolverArgs(): string[] {
  try {
    if (!lstatSync("/etc/resolv.conf").isSymbolicLink()) return [];
    const target = realpathSync("/etc/resolv.conf");
    if (SYSTEM.some((path) => target.startsWith(`${path}/`))) return [];
    // The link may take a way over other links: its own next stop is what has to be there.
    const stop = join("/etc", dirname(readlinkSync("/etc/resolv.conf")));
    const direct = readlinkSync("/etc/resolv.conf");
    const place = direct.startsWith("/") ? direct : join(stop, direct.slice(dirname(direct).length));
    return [...wayTo(place), "--ro-bind", target, place];
  } catch {
    return [];
  }
}

/** An image has no idea of this machine's network; it gets its name servers and hosts, as containers do. */
function nameServiceArgs(root: string): string[] {
  if (!isDirectory(join(root, "etc"))) return [];
  return ["resolv.conf", "hosts"].flatMap((name) => {
    const onHost = `/etc/${name}`;
    return existsSync(onHost) && isPlainFile(join(root, "etc", name))
      ? ["--ro-bind", realpathSync(onHost), `/etc/${name}`]
      : [];
  });
}

function isPlainFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
