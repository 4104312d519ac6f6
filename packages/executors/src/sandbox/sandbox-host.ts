import { WaybillError } from "@waybill/core";
import type { ExecutionSpec, StepSpec } from "@waybill/engine";
import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { systemErrorCode } from "../files/hostile-file.ts";
import { keepFile } from "../files/keep-file.ts";
import { removeTree } from "../files/remove-tree.ts";
import { MARKER_VARIABLE } from "../process/process-table.ts";
import { placeInWorkspace } from "../process/working-directory.ts";
import { shortNameFor } from "../protocol/control-directory.ts";
import { checkWorkspace, makePrivateDirectory } from "../protocol/host-directories.ts";
import type { ExecutionPlace, Supervisor, SupervisorEvents, SupervisorHost } from "../protocol/host.ts";
import { imageOf } from "../protocol/image-places.ts";
import { limitsOf, type Limits, type MaximumLimits } from "../protocol/limits.ts";
import { entry, findEntryTools, INSIDE_ID, whereIs, type EntryTools } from "./entry.ts";
import type { LimitGroup } from "./limit-group.ts";
import { LimitGroups } from "./limit-groups.ts";
import { giveTo, handOver, outsideIdFor } from "./outside-user.ts";
import { SandboxProcess } from "./sandbox-process.ts";
import { SandboxSupervisor } from "./sandbox-supervisor.ts";
import { seccompFilter } from "./seccomp-filter.ts";
import { hostView, imageView, INSIDE, ownPlaces, type View } from "./view.ts";

/** Of a job that says nothing else. So many processes and threads are enough for any build, and the end of a fork bomb. */
const DEFAULT_LIMITS: Limits = { memory: null, cpus: null, pids: 4096 };

const PASSWD = `root:x:0:0:root:/root:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
waybill:x:${INSIDE_ID}:${INSIDE_ID}::${INSIDE.home}:/bin/sh
`;
const GROUP = `root:x:0:\nnogroup:x:65534:\nwaybill:x:${INSIDE_ID}:\n`;

export interface SandboxHostOptions {
  /** Where the supervisor script and the like are kept; absolute. */
  readonly directory: string;
  /** Where executions get their temporary and home directories; absolute, exists. */
  readonly temporaryDirectory: string;
  /** Below the environment of every step. */
  readonly environment: Readonly<Record<string, string>>;
  /** The home directory of the user we run as. */
  readonly homeDirectory: string;
  /** bubblewrap. */
  readonly program: string;
  /** What no job may exceed. */
  readonly maxima: MaximumLimits;
  /** Root file system of an image; null: there is none. */
  readonly rootOf: (image: string) => Promise<string | null>;
  /** See `lowerPriority`. */
  readonly niceness: number;
}

/** Steps behind walls of namespaces, which bubblewrap builds. */
export class SandboxHost implements SupervisorHost {
  readonly name = "sandbox";
  readonly #options: SandboxHostOptions;
  readonly #groups = new LimitGroups();
  #hostView: View | null = null;
  #program: string | null = null;
  readonly #kept = new Map<string, string>();
  #tools: Promise<EntryTools> | null = null;
  /** A launcher that waits for an execution; it ends with our process. */
  #spare: { readonly sandbox: SandboxProcess; readonly command: readonly string[] } | null = null;
  #isStarting = false;
  #isDisposed = false;
  readonly #isRoot = process.getuid?.() === 0;

  constructor(options: SandboxHostOptions) {
    this.#options = options;
  }

  workspacePath(): string {
    return INSIDE.workspace;
  }

  async launch(place: ExecutionPlace, events: SupervisorEvents): Promise<Supervisor> {
    const { spec, control } = place;
    checkWorkspace(spec.workspace);
    const { isolation } = spec.place;
    const allowed = limitsOf(spec.place, DEFAULT_LIMITS, this.#options.maxima);
    const root = await this.#rootOf(spec);
    const outsideId = outsideIdFor(spec.workspace);
    if (outsideId !== null) {
      control.giveTo({ uid: outsideId, gid: outsideId });
      await handOver(spec.workspace, 0, outsideId);
    }
    const limits = this.#makeGroup(place, allowed);
    const entering = entry({
      isMapped: outsideId !== null,
      isRoot: isolation.user === "root",
      pids: allowed.pids,
      tools: await this.#entryTools(),
      bringsTools: root !== null,
    });
    const view = root === null ? this.#viewOfHost() : imageView(root);
    const args = [
      ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup", "--as-pid-1", "--new-session"],
      ...(isolation.network === "none" ? ["--unshare-net"] : []),
      ...entering.options,
      "--clearenv",
      ...Object.entries(this.#environment(spec)).flatMap(([name, value]) => ["--setenv", name, value]),
      ...view.args,
      ...this.#ownPlaces(view, place, outsideId),
      ...["--chdir", "/"],
    ];
    const sandbox = this.#takeSpare(entering.command) ?? (await this.#start(place, entering.command));
    try {
      const entered = sandbox.enter({
        executionId: spec.executionId,
        args,
        outsideId,
        insideId: INSIDE_ID,
        prepare: (pid) => {
          if (limits !== null) this.#groups.enter(limits, pid);
        },
      });
      this.#makeSpare(place, entering.command);
      await entered;
    } catch (error) {
      await sandbox.end();
      throw error;
    }
    sandbox.serve(INSIDE.control, events);
    return new SandboxSupervisor(spec.executionId, sandbox.reference, sandbox, limits);
  }

  find(place: ExecutionPlace, reference: string | null): Supervisor {
    const { workspace } = place.spec;
    const outsideId = workspace === NO_WORKSPACE ? null : outsideIdFor(workspace);
    if (outsideId !== null) place.control.giveTo({ uid: outsideId, gid: outsideId });
    const limits = this.#groups.find(groupName(place));
    return new SandboxSupervisor(place.spec.executionId, reference, null, limits);
  }

  workingDirectory(place: ExecutionPlace, step: StepSpec): string {
    const inWorkspace = placeInWorkspace(step, place.spec.workspace);
    // What else is there only the sandbox itself can tell: a directory that is missing ends the step.
    return inWorkspace === null ? posix.normalize(step.workingDirectory) : posix.join(INSIDE.workspace, inWorkspace);
  }

  controlPath(): string {
    return INSIDE.control;
  }

  variables(place: ExecutionPlace, own: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    return { TMPDIR: INSIDE.temporary, ...own, [MARKER_VARIABLE]: place.spec.executionId };
  }

  async cleanUp(place: ExecutionPlace): Promise<void> {
    await this.#groups.find(groupName(place)).remove();
    await removeTree(this.#directoryOf(place));
    const { workspace } = place.spec;
    const outsideId = outsideIdFor(workspace);
    // What we died before writing down has no workspace. Its files go when the workspace does.
    if (outsideId !== null && workspace !== NO_WORKSPACE) await handOver(workspace, outsideId, 0);
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    const spare = this.#spare;
    this.#spare = null;
    if (spare !== null) await spare.sandbox.end();
  }

  /** The launcher that was started ahead, where it fits. */
  #takeSpare(command: readonly string[]): SandboxProcess | null {
    const spare = this.#spare;
    if (spare === null || spare.command.join("\0") !== command.join("\0")) return null;
    this.#spare = null;
    return spare.sandbox.isAlive ? spare.sandbox : null;
  }

  /**
   * Starts the launcher of the execution to come while bubblewrap builds this one's: starting a process takes a
   * program as large as ours longer than bubblewrap needs for its work, and meanwhile nothing else would happen.
   */
  #makeSpare(place: ExecutionPlace, command: readonly string[]): void {
    if (this.#spare !== null || this.#isStarting || this.#isDisposed) return;
    this.#isStarting = true;
    void this.#startSpare(place, command);
  }

  async #startSpare(place: ExecutionPlace, command: readonly string[]): Promise<void> {
    try {
      const sandbox = await this.#start(place, command);
      if (this.#isDisposed) await sandbox.end();
      else this.#spare = { sandbox, command };
    } catch {
      // Whoever needs it will meet the error.
    } finally {
      this.#isStarting = false;
    }
  }

  async #rootOf(spec: ExecutionSpec): Promise<string | null> {
    const image = imageOf(spec);
    if (image === null) return null;
    const root = await this.#options.rootOf(image);
    if (root === null) throw new WaybillError("EXECUTOR_IMAGE_MISSING", { image });
    return root;
  }

  #makeGroup(place: ExecutionPlace, { memory, cpus }: Limits): LimitGroup | null {
    // Entering a group takes the kernel longer than all else, so nobody enters one for nothing.
    return memory === null && cpus === null ? null : this.#groups.make(groupName(place), { memory, cpus });
  }

  async #start(place: ExecutionPlace, command: readonly string[]): Promise<SandboxProcess> {
    try {
      this.#program ??= await whereIs(this.#options.program, this.#options.environment["PATH"] ?? "");
      return await SandboxProcess.start({
        program: this.#program,
        unshare: this.#isRoot ? ((await this.#entryTools()).own.unshare[0] ?? "") : "",
        path: this.#options.environment["PATH"] ?? "",
        filter: this.#filter(this.#isRoot && place.spec.place.isolation.user === "root"),
        command,
        niceness: this.#options.niceness,
      });
    } catch (error) {
      if (error instanceof WaybillError) throw error;
      const detail = `${systemErrorCode(error)}.`;
      throw new WaybillError("EXECUTOR_START_FAILED", { execution: place.spec.executionId, detail }, { cause: error });
    }
  }

  /** What every process of the sandbox starts with; the job's own variables come with each step. */
  #environment(spec: ExecutionSpec): Record<string, string> {
    const { PATH, ...inherited }: Record<string, string> = this.#options.environment;
    const isImage = imageOf(spec) !== null;
    if (isImage) for (const name of CERTIFICATE_VARIABLES) delete inherited[name];
    const user = spec.place.isolation.user === "root" ? "root" : "waybill";
    return {
      ...inherited,
      PATH: isImage || PATH === undefined ? IMAGE_PATH : PATH,
      ...{ HOME: INSIDE.home, USER: user, LOGNAME: user, SHELL: "/bin/sh", [MARKER_VARIABLE]: spec.executionId },
    };
  }

  #viewOfHost(): View {
    const { environment, homeDirectory } = this.#options;
    this.#hostView ??= hostView({
      path: environment["PATH"] ?? "",
      homeDirectory,
      certificates: CERTIFICATE_VARIABLES.flatMap((name) => environment[name] ?? []),
      accounts: {
        passwd: this.#keep("passwd", PASSWD, 0o444),
        group: this.#keep("group", GROUP, 0o444),
      },
      mayRead: this.#isRoot ? isReadableByAll : isReadableByUs,
    });
    return this.#hostView;
  }

  #entryTools(): Promise<EntryTools> {
    this.#tools ??= this.#isRoot
      ? findEntryTools(this.#options.environment["PATH"] ?? "")
      : Promise.resolve({ own: { setpriv: [], unshare: [] }, brought: { setpriv: [], unshare: [] }, args: [] });
    return this.#tools;
  }

  #ownPlaces(view: View, place: ExecutionPlace, outsideId: number | null): string[] {
    const directory = this.#directoryOf(place);
    makePrivateDirectory(directory);
    const [temporary, home] = ["tmp", "home"].map((name) => join(directory, name)) as [string, string];
    for (const path of [temporary, home]) {
      mkdirSync(path, { mode: 0o700, recursive: true });
      giveTo(path, outsideId);
    }
    return ownPlaces(view, {
      workspace: place.spec.workspace,
      temporary,
      home,
      control: place.control.path,
    });
  }

  /** Outside the control directory, where paths could get too long and the job must not see them twice. */
  #directoryOf(place: ExecutionPlace): string {
    return join(this.#options.temporaryDirectory, `waybill-${shortNameFor(place.control)}`);
  }

  /** Path of the system call filter; empty where we have none for this processor. */
  #filter(mayMakeUserNamespaces: boolean): string {
    if (process.arch !== "x64" && process.arch !== "arm64") return "";
    const { arch } = process;
    const name = mayMakeUserNamespaces ? "system-calls-root.bpf" : "system-calls.bpf";
    return this.#kept.get(name) ?? this.#keep(name, seccompFilter(arch, mayMakeUserNamespaces), 0o444);
  }

  /** Path of a file that is the same for every execution. */
  #keep(name: string, content: string | Uint8Array, mode: number): string {
    let path = this.#kept.get(name);
    if (path === undefined) {
      path = keepFile(this.#options.directory, name, content, mode);
      this.#kept.set(name, path);
    }
    return path;
  }
}

/** Of an execution that we died before writing down. */
const NO_WORKSPACE = "/";

const CERTIFICATE_VARIABLES = ["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"];

const IMAGE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function groupName(place: ExecutionPlace): string {
  return `waybill-${shortNameFor(place.control)}`;
}

function isReadableByAll(path: string): boolean {
  return (statSync(path).mode & 0o004) !== 0;
}

function isReadableByUs(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
