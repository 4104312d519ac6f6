import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export type Controller = "memory" | "cpu";

export interface GroupPlace {
  readonly controller: Controller;
  readonly version: 1 | 2;
  /** The group that ours is made in. */
  readonly parent: string;
}

/**
 * Where groups of ours can be made, as `/proc/self/cgroup` and `/proc/self/mountinfo` say; controllers without a place
 * are missing.
 *
 * With version 2 all controllers share one tree, and a process is in one group of it: their place is the same.
 */
export function findPlaces(controllers: readonly Controller[], own: string, mounts: string): GroupPlace[] {
  const old = controllers.flatMap((controller) => findV1(controller, own, mounts) ?? []);
  const others = controllers.filter((controller) => !old.some((place) => place.controller === controller));
  const parent = others.length === 0 ? null : findV2(others, own, mounts);
  return parent === null ? old : [...old, ...others.map((controller) => ({ controller, version: 2 as const, parent }))];
}

function findV1(controller: Controller, own: string, mounts: string): GroupPlace | null {
  const group = linesOf(own)
    .map((line) => /^\d+:([^:]*):(.*)$/.exec(line))
    .find((match) => match?.[1]?.split(",").includes(controller))?.[2];
  const mount = mountsOf(mounts).find(({ type, options }) => type === "cgroup" && options.includes(controller));
  if (group === undefined || mount === undefined) return null;
  return { controller, version: 1, parent: below(mount, group) };
}

/**
 * With version 2 a group has either processes or groups with limits. Ours has processes, so a job's is made beside
 * it, in the nearest group above that hands the controllers down.
 */
function findV2(controllers: readonly Controller[], own: string, mounts: string): string | null {
  const group = /^0::(.*)$/m.exec(own)?.[1];
  const mount = mountsOf(mounts).find(({ type }) => type === "cgroup2");
  if (group === undefined || mount === undefined) return null;
  for (let parent = group; ; parent = join(parent, "..")) {
    const directory = below(mount, parent);
    const handedDown = readOrEmpty(join(directory, "cgroup.subtree_control")).trim().split(/\s+/);
    if (controllers.every((controller) => handedDown.includes(controller))) return directory;
    if (parent === "/") return null;
  }
}

interface Mount {
  /** What of the tree is mounted. */
  readonly root: string;
  readonly point: string;
  readonly type: string;
  readonly options: readonly string[];
}

function mountsOf(text: string): Mount[] {
  return linesOf(text).flatMap((line) => {
    const match = /^\d+ \d+ \S+ (\S+) (\S+) .* - (\S+) \S+ (\S+)$/.exec(line);
    if (match === null) return [];
    const [, root = "", point = "", type = "", options = ""] = match;
    return [{ root, point, type, options: options.split(",") }];
  });
}

function below(mount: Mount, group: string): string {
  const inside = group.startsWith(mount.root) && mount.root !== "/" ? group.slice(mount.root.length) : group;
  return resolve(join(mount.point, inside));
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

export function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
