import type { SecretKey } from "../records.ts";

/** Where a job runs, as far as secrets go. */
export interface SecretTarget {
  /** null: in none. */
  readonly environment: string | null;
  /** null: not of a branch, but of a tag, say. */
  readonly branch: string | null;
}

type Scope = Pick<SecretKey, "environment" | "branch">;

export function scopeText({ environment, branch }: Scope): string {
  const parts = [
    ...(environment === "" ? [] : [`environment ${environment}`]),
    ...(branch === "" ? [] : [`branch ${branch}`]),
  ];
  return parts.length === 0 ? "whole project" : parts.join(", ");
}

/** Whether a secret is meant for a job there. One for some environment or branch is for no job without. */
export function isFor(scope: Scope, target: SecretTarget): boolean {
  return (
    (scope.environment === "" || scope.environment === target.environment) &&
    (scope.branch === "" || (target.branch !== null && branchMatches(scope.branch, target.branch)))
  );
}

/**
 * Of secrets of one name that are all meant for a job, the one it gets comes first:
 *
 * 1. one for the job's environment, before one for every environment;
 * 2. one for the very branch, then for a pattern (one with more literal characters first), then for every branch;
 * 3. patterns alike in that, by the order of their text.
 *
 * No two of one project and name are equal in all of it.
 */
export function byPrecedence(a: Scope, b: Scope): number {
  return (
    Number(b.environment !== "") - Number(a.environment !== "") ||
    branchRank(b.branch) - branchRank(a.branch) ||
    literals(b.branch) - literals(a.branch) ||
    (a.branch < b.branch ? -1 : Number(a.branch > b.branch))
  );
}

function branchRank(branch: string): number {
  return branch === "" ? 0 : branch.includes("*") ? 1 : 2;
}

function literals(branch: string): number {
  return branch.replaceAll("*", "").length;
}

/**
 * Whether a branch is of a pattern: `*` stands for any characters but `/`, `**` for any at all. A pattern without `*`
 * is a name. In time of the product of both lengths at most, whatever the pattern.
 */
export function branchMatches(pattern: string, branch: string): boolean {
  const parts = pattern.split(/(\*+)/);
  // Where in the branch what was read of the pattern may end.
  let ends = new Set([0]);
  for (const part of parts) {
    const next = new Set<number>();
    for (const end of ends) {
      if (part.startsWith("*")) {
        for (let at = end; at <= branch.length && !next.has(at); at += 1) {
          next.add(at);
          if (part === "*" && branch[at] === "/") break;
        }
      } else if (branch.startsWith(part, end)) {
        next.add(end + part.length);
      }
    }
    ends = next;
  }
  return ends.has(branch.length);
}
