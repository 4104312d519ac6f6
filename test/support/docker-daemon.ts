/**
 * The Docker daemon of the tests: the machine's own where one answers, else one that is started for them (as root) and
 * shared by all test files of a run.
 *
 *     node test/support/docker-daemon.ts ensure DIRECTORY    prints what DOCKER_HOST must be
 *     node test/support/docker-daemon.ts stop DIRECTORY
 *
 * The daemon of the tests has everything to itself: data, socket and network namespace, so it meets no other daemon
 * and leaves no bridge and no firewall rule behind. It has no way out; images are made from this machine's files.
 */
import { spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";

/** A root file system with a shell, the usual small programs, and users of its own. */
export const TEST_IMAGE = "waybill-test:base";

const PATIENCE_MS = 60_000;
const PROGRAMS = [
  ..."cat chmod chown cp cut date dd echo env false find grep head id kill ln ls mkdir mkfifo mount mv nproc".split(
    " ",
  ),
  ..."printf ps pwd readlink rm sed seq setsid sh sleep sort stat tail tar test timeout touch tr true uname".split(" "),
  ..."unshare wc xargs bash".split(" "),
];

/** A daemon that was started by hand: the tests of its restart need their own. */
export interface TestDaemon {
  readonly socketPath: string;
  readonly pid: number;
}

/** Starts a daemon that keeps everything below `directory`. Resolves when it answers. */
export async function startDaemon(directory: string, options: readonly string[] = []): Promise<TestDaemon> {
  mkdirSync(directory, { recursive: true });
  const socketPath = join(directory, "docker.sock");
  const log = openSync(join(directory, "dockerd.log"), "a");
  await endContainerd(directory);
  // The parts of a path count for sockets of the daemon's own: "exec" has some deep inside.
  const flags = ["--data-root", join(directory, "data"), "--exec-root", join(directory, "exec")];
  // Docker's own ranges are enough for thirty networks; each job that runs has one, and several tests run at a time.
  const ranges = ["--default-address-pool", "base=10.96.0.0/12,size=26"];
  const command = ["-H", `unix://${socketPath}`, "-p", join(directory, "pid"), ...flags, ...ranges, ...options];
  const script = 'ip link set lo up && exec dockerd "$@"';
  const child = spawn("unshare", ["--net", "sh", "-c", script, "sh", ...command], {
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.unref();
  const end = performance.now() + PATIENCE_MS;
  while (!(await answers(socketPath))) {
    if (performance.now() > end || child.exitCode !== null || child.pid === undefined) {
      const text = existsSync(join(directory, "dockerd.log"))
        ? readFileSync(join(directory, "dockerd.log"), "utf8")
        : "";
      throw new Error(`dockerd did not start:\n${text.slice(-2000)}`);
    }
    await setTimeout(50);
  }
  // A shell that became the daemon: the number is the same.
  return { socketPath, pid: child.pid ?? 0 };
}

/** Ends a daemon. Its containers end with it, unless it was told to leave them (`--live-restore`). */
export async function stopDaemon(pid: number, signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
  try {
    process.kill(pid, signal);
  } catch {
    return;
  }
  const end = performance.now() + PATIENCE_MS;
  while (isDaemon(pid)) {
    if (performance.now() > end) process.kill(pid, "SIGKILL");
    await setTimeout(50);
  }
}

/** Removes what a stopped daemon has left, mounts and processes of a killed one included. */
export async function removeDaemonDirectory(directory: string): Promise<void> {
  await endContainerd(directory);
  endContainers(directory);
  for (const pid of shimsOf(directory)) endTree(pid);
  for (const line of readFileSync("/proc/self/mounts", "utf8").split("\n").toReversed()) {
    const target = line.split(" ")[1] ?? "";
    if (target.startsWith(`${directory}/`)) spawnSync("umount", ["--lazy", target], { stdio: "ignore" });
  }
  await setTimeout(100);
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** A killed daemon, or one that lets containers live on, leaves them behind, each with its keeper. */
function endContainers(directory: string): void {
  const pids = readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0);
  const keepers = new Set(pids.filter((pid) => commandOf(pid).includes(`${directory}/exec/containerd`)));
  for (const pid of pids) {
    if (!keepers.has(pid) && !keepers.has(parentOf(pid))) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Gone already.
    }
  }
}

function parentOf(pid: number): number {
  try {
    return Number(/\) \S (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.[1]);
  } catch {
    return Number.NaN;
  }
}

/** A killed daemon leaves its containerd behind, dying or dead and not collected; the next one would wait for it. */
async function endContainerd(directory: string): Promise<void> {
  const file = join(directory, "exec/containerd/containerd.pid");
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, "utf8"));
  while (pid > 0 && commandOf(pid).includes(directory)) {
    process.kill(pid, "SIGKILL");
    await setTimeout(20);
  }
  rmSync(file);
}

/** What keeps the containers of a killed daemon. */
function shimsOf(directory: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0)
    .filter((pid) => commandOf(pid).includes("containerd-shim") && commandOf(pid).includes(`${directory}/`));
}

function endTree(pid: number): void {
  const children = `/proc/${pid}/task/${pid}/children`;
  const pids = existsSync(children) ? readFileSync(children, "utf8").split(" ").map(Number) : [];
  for (const each of [pid, ...pids.filter((child) => child > 0)]) {
    try {
      process.kill(each, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Makes the image of the tests out of this machine's own programs and their libraries. */
export async function importTestImage(socketPath: string): Promise<void> {
  const root = mkdtempSync(join(realpathSync(tmpdir()), "waybill-image-"));
  try {
    for (const directory of ["bin", "tmp", "etc", "root", "proc", "dev"]) mkdirSync(join(root, directory));
    for (const name of PROGRAMS) copyProgram(root, name);
    writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n");
    writeFileSync(join(root, "etc/group"), "root:x:0:\nnogroup:x:65534:\n");
    writeFileSync(join(root, "etc/image"), "base\n");
    spawnSync("chmod", ["1777", join(root, "tmp")]);
    await importImage(socketPath, root, TEST_IMAGE, ["ENV PATH=/bin", "ENV FROM_IMAGE=yes"]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Makes an image of one layer out of a directory. */
export async function importImage(
  socketPath: string,
  root: string,
  name: string,
  changes: readonly string[] = [],
): Promise<void> {
  const query = new URLSearchParams({ fromSrc: "-", repo: name });
  for (const change of changes) query.append("changes", change);
  const tar = spawn("tar", ["-C", root, "--owner=0", "--group=0", "--numeric-owner", "-c", "."], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<void>((resolve, reject) => {
    const path = `/images/create?${query.toString()}`;
    const call = request({ socketPath, method: "POST", path, headers: { "Content-Type": "application/x-tar" } });
    call.once("error", reject);
    call.once("response", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.once("end", () => {
        if (response.statusCode === 200 && !text.includes('"error"')) resolve();
        else reject(new Error(`The image "${name}" could not be imported: ${text}`));
      });
    });
    tar.stdout.pipe(call);
  });
}

/** Whether a Docker daemon answers at a socket. */
export async function answers(socketPath: string): Promise<boolean> {
  return (await get(socketPath, "/_ping")) === 200;
}

async function get(socketPath: string, path: string): Promise<number | null> {
  return await new Promise((resolve) => {
    const call = request({ socketPath, path, timeout: 5000 });
    call.once("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    });
    call.once("timeout", () => call.destroy());
    call.once("error", () => resolve(null));
    call.end();
  });
}

/** A program and the libraries it needs, where this machine has it. */
function copyProgram(root: string, name: string): void {
  const found = spawnSync("sh", ["-c", 'command -v "$1"', "sh", name === "sh" ? "dash" : name], { encoding: "utf8" });
  let path = found.stdout.trim();
  // What a shell has built in has a program as well.
  if (!path.startsWith("/")) path = [`/usr/bin/${name}`, `/bin/${name}`].find((each) => existsSync(each)) ?? "";
  if (path === "") return;
  cpSync(realpathSync(path), join(root, "bin", name));
  const libraries = spawnSync("ldd", [path], { encoding: "utf8" }).stdout.match(/\/\S+/g) ?? [];
  for (const library of libraries) {
    const target = join(root, library);
    if (existsSync(target) || !existsSync(library)) continue;
    mkdirSync(dirname(target), { recursive: true });
    cpSync(realpathSync(library), target);
  }
}

function isDaemon(pid: number): boolean {
  return commandOf(pid).includes("dockerd");
}

function commandOf(pid: number): string {
  try {
    if (readlinkSync(`/proc/${pid}/exe`) === "") return "";
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

/** The socket of the machine's own daemon; null: none answers. */
async function machineSocket(): Promise<string | null> {
  const host = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
  if (!host.startsWith("unix://")) return null;
  const socketPath = host.slice("unix://".length);
  return (await answers(socketPath)) ? socketPath : null;
}

/** One at a time: test files run side by side. */
async function ensure(directory: string): Promise<string> {
  mkdirSync(directory, { recursive: true });
  const lock = join(directory, "lock");
  const end = performance.now() + 2 * PATIENCE_MS;
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      if (performance.now() > end) throw new Error(`"${lock}" is held by somebody.`);
      await setTimeout(50);
    }
  }
  try {
    const own = join(directory, "d/docker.sock");
    let socketPath = (await answers(own)) ? own : await machineSocket();
    if (socketPath === null) {
      if (process.getuid?.() !== 0) throw new Error("No Docker daemon answers, and only root can start one.");
      ({ socketPath } = await startDaemon(join(directory, "d")));
    }
    if ((await get(socketPath, `/images/${encodeURIComponent(TEST_IMAGE)}/json`)) !== 200) {
      await importTestImage(socketPath);
    }
    return `unix://${socketPath}`;
  } finally {
    rmSync(lock, { recursive: true });
  }
}

async function stop(directory: string): Promise<void> {
  const daemon = join(directory, "d");
  if (existsSync(join(daemon, "pid"))) {
    await stopDaemon(Number(readFileSync(join(daemon, "pid"), "utf8")));
  }
  if (existsSync(daemon)) await removeDaemonDirectory(daemon);
  rmSync(directory, { recursive: true, force: true });
}

if (import.meta.main) {
  const [command, directory] = process.argv.slice(2);
  if (directory === undefined) throw new Error("Usage: docker-daemon.ts ensure|stop DIRECTORY");
  if (command === "ensure") process.stdout.write(await ensure(directory));
  else await stop(directory);
}
