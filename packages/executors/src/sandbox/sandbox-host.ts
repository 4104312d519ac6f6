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
import { SUPERVISOR_SCRIPT } from "../protocol/supervisor-script.ts";
import { entry, findEntryTools, INSIDE_ID, type EntryTools } from "./entry.ts";
import type { LimitGroup } from "./limit-group.ts";
import { LimitGroups } from "./limit-groups.ts";
import { giveTo, handOver, outsideIdFor } from "./outside-user.ts";
import { SandboxProcess } from "./sandbox-process.ts";
import { SandboxSupervisor } from "./sandbox-supervisor.ts";
import { seccompFilter } from "./seccomp-filter.ts";
import { hostView, imageView, INSIDE, ownPlaces, type View } from "./view.ts";

/** Processes and threads of a job that says nothing else: enough for any build, and the end of a fork bomb. */
export const DEFAULT_PIDS = 4096;

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
  /** Root file system of an image; null: there is none. */
  readonly rootOf: (image: string) => Promise<string | null>;
}

/** Steps behind walls of namespaces, which bubblewrap builds. */
export class SandboxHost implements SupervisorHost {
  readonly name = "sandbox";
  readonly #options: SandboxHostOptions;
  readonly #groups = new LimitGroups();
  #hostView: View | null = null;
  #tools: Promise<EntryTools> | null = null;
  /** Launchers that wait for an execution, by whether they may make user namespaces in it. */
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
    const { resources, isolation } = spec.place;
    const root = await this.#rootOf(spec);
    const outsideId = outsideIdFor(spec.workspace);
    if (outsideId !== null) {
      control.shareWith(outsideId);
      await handOver(spec.workspace, 0, outsideId);
    }
    const limits = this.#makeGroup(place);
    const tools = root === null || outsideId === null ? null : await this.#entryTools();
    const entering = entry({
      isMapped: outsideId !== null,
      isRoot: isolation.user === "root",
      pids: resources.pids ?? DEFAULT_PIDS,
      tools,
    });
    const args = [
      ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup", "--as-pid-1", "--new-session"],
      ...(isolation.network === "none" ? ["--unshare-net"] : []),
      ...entering.options,
      "--clearenv",
      ...Object.entries(this.#environment(spec)).flatMap(([name, value]) => ["--setenv", name, value]),
      ...(root === null ? this.#viewOfHost() : imageView(root)).args,
      ...(tools?.args ?? []),
      ...this.#ownPlaces(place, outsideId),
      ...["--chdir", "/"],
    ];
    const sandbox = await this.#start(place, entering.command);
    try {
      await sandbox.enter({
        executionId: spec.executionId,
        args,
        outsideId,
        insideId: INSIDE_ID,
        prepare: (pid) => limits?.add(pid),
      });
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
    if (outsideId !== null) place.control.shareWith(outsideId);
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
    await Promise.resolve();
  }

  async #rootOf(spec: ExecutionSpec): Promise<string | null> {
    const image = imageOf(spec);
    if (image === null) return null;
    const root = await this.#options.rootOf(image);
    if (root === null) throw new WaybillError("EXECUTOR_IMAGE_MISSING", { image });
    return root;
  }

  #makeGroup(place: ExecutionPlace): LimitGroup | null {
    const { memory, cpus } = place.spec.place.resources;
    // Entering a group takes the kernel longer than all else, so nobody enters one for nothing.
    return memory === null && cpus === null ? null : this.#groups.make(groupName(place), { memory, cpus });
  }

  async #start(place: ExecutionPlace, command: readonly string[]): Promise<SandboxProcess> {
    try {
      return await SandboxProcess.start({
        program: this.#options.program,
        path: this.#options.environment["PATH"] ?? "",
        filter: this.#filter(this.#isRoot && place.spec.place.isolation.user === "root"),
        mapped: this.#isRoot,
        command,
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
    const { environment, homeDirectory, directory } = this.#options;
    this.#hostView ??= hostView({
      path: environment["PATH"] ?? "",
      homeDirectory,
      certificates: CERTIFICATE_VARIABLES.flatMap((name) => environment[name] ?? []),
      accounts: {
        passwd: keepFile(directory, "passwd", PASSWD, 0o444),
        group: keepFile(directory, "group", GROUP, 0o444),
      },
      mayRead: this.#isRoot ? isReadableByAll : isReadableByUs,
    });
    return this.#hostView;
  }

  #entryTools(): Promise<EntryTools> {
    this.#tools ??= findEntryTools(this.#options.environment["PATH"] ?? "");
    return this.#tools;
  }

  #ownPlaces(place: ExecutionPlace, outsideId: number | null): string[] {
    const directory = this.#directoryOf(place);
    makePrivateDirectory(directory);
    const [temporary, home] = ["tmp", "home"].map((name) => join(directory, name)) as [string, string];
    for (const path of [temporary, home]) {
      mkdirSync(path, { mode: 0o700, recursive: true });
      giveTo(path, outsideId);
    }
    return ownPlaces({
      workspace: place.spec.workspace,
      temporary,
      home,
      control: place.control.path,
      script: keepFile(this.#options.directory, "sandbox-supervisor.sh", SUPERVISOR_SCRIPT, 0o555),
    });
  }

  /** Outside the control directory, where paths could get too long and the job must not see them twice. */
  #directoryOf(place: ExecutionPlace): string {
    return join(this.#options.temporaryDirectory, `waybill-${shortNameFor(place.control)}`);
  }

  /** Path of the system call filter; empty where we have none for this processor. */
  #filter(mayMakeUserNamespaces: boolean): string {
    if (process.arch !== "x64" && process.arch !== "arm64") return "";
    const content = seccompFilter(process.arch, mayMakeUserNamespaces);
    return keepFile(this.#options.directory, "system-calls.bpf", content, 0o444);
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
