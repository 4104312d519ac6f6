import { readFileSync } from "node:fs";
import { join } from "node:path";

export type Controller = "memory" | "cpu";

export interface GroupPlace {
  readonly controller: Controller;
  readonly version: 1 | 2;
  /** The group that ours is made in. */
  readonly parent: string;
}

/** Where groups of ours can be made, as `/proc/self/cgroup` and `/proc/self/mountinfo` say. */
export function findPlaces(controllers: readonly Controller[], own: string, mounts: string): GroupPlace[] {
  const places: GroupPlace[] = [];
  for (const controller of controllers) {
    const place = findV1(controller, own, mounts) ?? findV2(controller, own, mounts);
    if (place !== null) places.push(place);
  }
  return places;
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
 * it, in the nearest group above that hands the controller down.
 */
function findV2(controller: Controller, own: string, mounts: string): GroupPlace | null {
  const group = /^0::(.*)$/m.exec(own)?.[1];
  const mount = mountsOf(mounts).find(({ type }) => type === "cgroup2");
  if (group === undefined || mount === undefined) return null;
  for (let parent = group; ; parent = join(parent, "..")) {
    const directory = below(mount, parent);
    if (readOrEmpty(join(directory, "cgroup.subtree_control")).split(/\s/).includes(controller)) {
      return { controller, version: 2, parent: directory };
    }
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
  return join(mount.point, inside);
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
