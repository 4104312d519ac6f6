import type { JobPlace } from "@waybill/engine";
import {
  CONTROL_MOUNT,
  DEFAULT_IMAGE,
  DEFAULT_LIMITS,
  JOB_DIRECTORIES,
  jobVariables,
  ORDINARY_USER,
  PREPARATION,
  ROOT_CAPABILITIES,
  temporaryBytes,
  WORKSPACE_MOUNT,
} from "./container-config.ts";
import { limitsOf } from "../protocol/limits.ts";

/** What somebody needs to make by hand a container like that of a step. */
export interface DockerRecipe {
  readonly image: string;
  /** Words for `docker run`, in groups that belong together; without user, mounts and variables. */
  readonly options: readonly (readonly string[])[];
  /** Whether the step is the container's root. If not, it is whoever runs Waybill, and where that is root `ordinaryUser`. */
  readonly isRoot: boolean;
  /** `uid:gid`. */
  readonly ordinaryUser: string;
  /** Where the step sees the workspace. */
  readonly workspace: string;
  /** Where it sees a second directory, which is the job's as well. */
  readonly control: string;
  /** What has to be in that directory. */
  readonly directories: readonly string[];
  /** Below the step's own variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** Shell commands before the step's script; they end with a line break. */
  readonly preparation: string;
}

/**
 * The container of a step as `containerConfig` has it, in words of Docker's own command line. Where the server or the
 * command line set other limits and another image by default, these are not known here.
 *
 * @param image null: the step names none
 */
export function dockerRecipe(place: JobPlace, image: string | null): DockerRecipe {
  const { isolation, pullPolicy } = place;
  const { memory, cpus, pids } = limitsOf(place, DEFAULT_LIMITS, {});
  const isRoot = isolation.user === "root";
  const limits = ["--memory", String(memory), "--memory-swap", String(memory), "--pids-limit", String(pids)];
  const groups = [
    ["--cap-drop", "ALL", ...(isRoot ? ROOT_CAPABILITIES.flatMap((name) => ["--cap-add", name]) : [])],
    ["--security-opt", "no-new-privileges"],
    [...limits, ...(cpus === null ? [] : ["--cpus", String(cpus)])],
    isolation.network === "none" ? ["--network", "none"] : [],
    isolation.rootFilesystem === "read_only"
      ? ["--read-only", "--tmpfs", `/tmp:rw,exec,nosuid,nodev,mode=1777,size=${temporaryBytes(memory)}`]
      : [],
    ["--hostname", "waybill", "--no-healthcheck"],
    pullPolicy === "missing" ? [] : ["--pull", pullPolicy],
  ];
  return {
    image: image ?? DEFAULT_IMAGE,
    options: groups.filter((group) => group.length > 0),
    isRoot,
    ordinaryUser: `${ORDINARY_USER.uid}:${ORDINARY_USER.gid}`,
    workspace: WORKSPACE_MOUNT,
    control: CONTROL_MOUNT,
    directories: Object.values(JOB_DIRECTORIES),
    variables: jobVariables(),
    // Where a limit cannot be set, the executor goes on without, and nobody hears of it.
    preparation: `{ ${PREPARATION.trimEnd()}; } 2>/dev/null\n`,
  };
}
