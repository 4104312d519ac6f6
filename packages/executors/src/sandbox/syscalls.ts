/** A system call by the number it has on each processor; null: it does not exist there. */
export interface SystemCall {
  readonly name: string;
  readonly x64: number | null;
  readonly arm64: number | null;
}

export type Architecture = "x64" | "arm64";

/**
 * What a job has no business with: most of it the kernel refuses to processes without privileges anyway, but its
 * checks have had holes. What build tools use is not here: `ptrace` (debuggers; only the job's own processes are
 * visible), `personality`, `chroot`.
 */
export const DENIED: readonly SystemCall[] = [
  // Keys are kept by user, not by namespace.
  { name: "add_key", x64: 248, arm64: 217 },
  { name: "request_key", x64: 249, arm64: 218 },
  { name: "keyctl", x64: 250, arm64: 219 },
  // Programs and hooks inside the kernel.
  { name: "bpf", x64: 321, arm64: 280 },
  { name: "perf_event_open", x64: 298, arm64: 241 },
  { name: "userfaultfd", x64: 323, arm64: 282 },
  { name: "io_uring_setup", x64: 425, arm64: 425 },
  { name: "io_uring_enter", x64: 426, arm64: 426 },
  { name: "io_uring_register", x64: 427, arm64: 427 },
  { name: "fanotify_init", x64: 300, arm64: 262 },
  { name: "lookup_dcookie", x64: 212, arm64: 18 },
  // Another kernel, another module, another time.
  { name: "kexec_load", x64: 246, arm64: 104 },
  { name: "kexec_file_load", x64: 320, arm64: 294 },
  { name: "init_module", x64: 175, arm64: 105 },
  { name: "finit_module", x64: 313, arm64: 273 },
  { name: "delete_module", x64: 176, arm64: 106 },
  { name: "reboot", x64: 169, arm64: 142 },
  { name: "syslog", x64: 103, arm64: 116 },
  { name: "settimeofday", x64: 164, arm64: 170 },
  { name: "clock_settime", x64: 227, arm64: 112 },
  // File systems and ways around their walls.
  { name: "mount", x64: 165, arm64: 40 },
  { name: "umount2", x64: 166, arm64: 39 },
  { name: "pivot_root", x64: 155, arm64: 41 },
  { name: "open_tree", x64: 428, arm64: 428 },
  { name: "move_mount", x64: 429, arm64: 429 },
  { name: "fsopen", x64: 430, arm64: 430 },
  { name: "fsconfig", x64: 431, arm64: 431 },
  { name: "fsmount", x64: 432, arm64: 432 },
  { name: "fspick", x64: 433, arm64: 433 },
  { name: "mount_setattr", x64: 442, arm64: 442 },
  { name: "open_by_handle_at", x64: 304, arm64: 265 },
  { name: "swapon", x64: 167, arm64: 224 },
  { name: "swapoff", x64: 168, arm64: 225 },
  { name: "acct", x64: 163, arm64: 89 },
  { name: "quotactl", x64: 179, arm64: 60 },
  { name: "quotactl_fd", x64: 443, arm64: 443 },
  { name: "nfsservctl", x64: 180, arm64: 42 },
  // Into other namespaces.
  { name: "setns", x64: 308, arm64: 268 },
];

/** Their first argument is a set of flags, of which one makes a user namespace and with it privileges. */
export const NAMESPACE_MAKERS: readonly SystemCall[] = [
  { name: "clone", x64: 56, arm64: 220 },
  { name: "unshare", x64: 272, arm64: 97 },
];

/** Its flags lie in memory where a filter cannot look. Where it "does not exist", C libraries use `clone`. */
export const CLONE3: SystemCall = { name: "clone3", x64: 435, arm64: 435 };

export const IOCTL: SystemCall = { name: "ioctl", x64: 16, arm64: 29 };
