import type { Job } from "../api/generated/operations.ts";

/** Jobs that do the same for different things: versions, systems, components. */
export interface JobGroup {
  /** What their names begin with, with a `*` behind: `test-*`. No job is called so. */
  readonly name: string;
  readonly jobs: readonly Job[];
}

const FEWEST = 4;

/**
 * Jobs are a group where they wait for the same ones, the same ones wait for them, and their names are alike up to the
 * last `-` or `_`. In a graph they can stand as one.
 */
export function groupsOf(jobs: readonly Job[]): readonly JobGroup[] {
  const behind = new Map<string, string[]>();
  for (const { name, depends_on: before } of jobs) {
    for (const each of before) {
      const known = behind.get(each);
      if (known === undefined) behind.set(each, [name]);
      else known.push(name);
    }
  }
  const alike = new Map<string, Job[]>();
  for (const job of jobs) {
    const prefix = /^(.+[-_])[^-_]+$/.exec(job.name)?.[1];
    if (prefix === undefined) continue;
    const key = JSON.stringify([prefix, job.depends_on.toSorted(), behind.get(job.name) ?? []]);
    const known = alike.get(key);
    if (known === undefined) alike.set(key, [job]);
    else known.push(job);
  }
  const names = new Set<string>();
  return [...alike]
    .filter(([, members]) => members.length >= FEWEST)
    .map(([key, members]) => {
      const [prefix] = JSON.parse(key) as [string];
      let name = `${prefix}*`;
      // Two groups may have one beginning.
      while (names.has(name)) name += "*";
      names.add(name);
      return { name, jobs: members };
    });
}

/** What a graph draws: a job, or a group in place of its jobs. */
export interface GraphNode {
  readonly name: string;
  readonly jobs: readonly Job[];
  readonly isGroup: boolean;
  readonly dependsOn: readonly string[];
}

/** @param folded names of the groups that stand as one */
export function nodesOf(
  jobs: readonly Job[],
  groups: readonly JobGroup[],
  folded: ReadonlySet<string>,
): readonly GraphNode[] {
  const groupOf = new Map(
    groups.flatMap((group) => (folded.has(group.name) ? group.jobs.map(({ name }) => [name, group] as const) : [])),
  );
  const nodes = new Map<string, GraphNode>();
  for (const job of jobs) {
    const group = groupOf.get(job.name);
    const name = group?.name ?? job.name;
    if (nodes.has(name)) continue;
    const dependsOn = [...new Set(job.depends_on.map((before) => groupOf.get(before)?.name ?? before))];
    nodes.set(name, { name, jobs: group?.jobs ?? [job], isGroup: group !== undefined, dependsOn });
  }
  return [...nodes.values()];
}
