import type { ExecutionSpec } from "@waybill/engine";
import type { Owner } from "../protocol/control-directory.ts";
import type { Limits } from "../protocol/limits.ts";
import { SUPERVISOR_SCRIPT } from "../protocol/supervisor-script.ts";

/** Where a container sees the control directory. Short: programs put sockets below it. */
export const CONTROL_MOUNT = "/waybill";
export const WORKSPACE_MOUNT = "/workspace";

/** Directories in the control directory that belong to the job: they go where it goes. */
export const JOB_DIRECTORIES = { home: "home", temporary: "tmp" } as const;

/** Of steps that name no image and run in docker all the same. */
export const DEFAULT_IMAGE = "ubuntu:24.04";

/** Whom steps run as where we are root: an ordinary user, the first one that most images have. */
export const ORDINARY_USER: Owner = { uid: 1000, gid: 1000 };

/** Containers always have a limit of memory. */
export type ContainerLimits = Limits & { readonly memory: number };

/**
 * Where the pipeline does not say. 512 MiB, which the plan names, ends ordinary builds (a TypeScript compiler, a JVM)
 * for want of memory; 2 GiB is what hosted services give the smallest job.
 */
export const DEFAULT_LIMITS: ContainerLimits = { memory: 2 * 1024 ** 3, cpus: null, pids: 4096 };

/**
 * What root in a container may do beyond an ordinary user, and needs for package managers: change owners and modes, act
 * as other users, end their processes. Nothing that reaches the network's raw sockets, devices or the kernel.
 */
export const ROOT_CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID"] as const;

/**
 * No dumps of memory, and a sane number of open files: daemons allow a billion, and programs that close every possible
 * one then hang for minutes. Set by the shell, because a daemon that may use less itself refuses to start a container
 * that is to have more.
 */
export const PREPARATION = "ulimit -c 0; ulimit -S -n 65536\n";

/** Of the temporary directory where the image's files may not be written; it counts as memory of the job. */
const TMP_BYTES = 1024 ** 3;

/** @param memory of the job, in bytes */
export function temporaryBytes(memory: number): number {
  return Math.min(TMP_BYTES, memory);
}

/** What a step finds in its environment between the image's variables and its own. */
export function jobVariables(): Readonly<Record<string, string>> {
  return {
    CI: "true",
    WAYBILL: "true",
    HOME: `${CONTROL_MOUNT}/${JOB_DIRECTORIES.home}`,
    TMPDIR: `${CONTROL_MOUNT}/${JOB_DIRECTORIES.temporary}`,
  };
}

export interface ContainerOptions {
  readonly spec: ExecutionSpec;
  /** The image's own id, so that a name that moves meanwhile is no matter. */
  readonly imageId: string;
  readonly controlPath: string;
  /** `uid:gid`. */
  readonly user: string;
  readonly limits: ContainerLimits;
  /** `none`, or the network's name. */
  readonly network: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The body of the call that creates the container of an execution. */
export function containerConfig(options: ContainerOptions): Readonly<Record<string, unknown>> {
  const { isolation } = options.spec.place;
  const { limits } = options;
  const isRoot = isolation.user === "root";
  const bind = (source: string, target: string): unknown => ({ Type: "bind", Source: source, Target: target });
  return {
    Image: options.imageId,
    // Given as text, not as a file: a job could rewrite the file while the shell is reading it.
    Entrypoint: ["/bin/sh", "-c", `${PREPARATION}${SUPERVISOR_SCRIPT}`, "waybill-supervisor"],
    Cmd: ["/bin/sh", CONTROL_MOUNT],
    User: options.user,
    WorkingDir: "/",
    Labels: options.labels,
    Hostname: "waybill",
    Healthcheck: { Test: ["NONE"] },
    // Our end is the end of its input: then the supervisor asks for steps by file.
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: false,
    HostConfig: {
      Mounts: [bind(options.controlPath, CONTROL_MOUNT), bind(options.spec.workspace, WORKSPACE_MOUNT)],
      NetworkMode: options.network,
      CapDrop: ["ALL"],
      CapAdd: isRoot ? ROOT_CAPABILITIES : [],
      SecurityOpt: ["no-new-privileges"],
      Privileged: false,
      IpcMode: "private",
      ReadonlyRootfs: isolation.rootFilesystem === "read_only",
      Tmpfs:
        isolation.rootFilesystem === "read_only"
          ? { "/tmp": `rw,exec,nosuid,nodev,mode=1777,size=${temporaryBytes(limits.memory)}` }
          : {},
      Memory: limits.memory,
      // Equal to the memory: no swap on top, or a job that leaks would slow the whole machine before it ends.
      MemorySwap: limits.memory,
      PidsLimit: limits.pids,
      ...(limits.cpus === null ? {} : { NanoCpus: Math.round(limits.cpus * 1e9) }),
      // Output goes into files of ours; the daemon keeps no second copy.
      LogConfig: { Type: "none" },
      RestartPolicy: { Name: "no" },
      AutoRemove: false,
      Init: false,
    },
  };
}
