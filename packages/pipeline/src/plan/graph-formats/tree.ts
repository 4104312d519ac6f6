import type { Plan } from "../plan.ts";
import { printable } from "../printable.ts";

/** Past this depth a branch goes on at the left margin: a chain of 10,000 jobs would else be a triangle of spaces. */
const MAX_DEPTH = 24;

interface Branch {
  readonly job: string;
  /** What stands left of the job's own mark. */
  readonly indent: string;
  readonly depth: number;
  readonly isLast: boolean;
}

/**
 * A tree in the order of execution: below each job the jobs that wait for it. A job that waits for several stands in
 * full at the first, and as a line marked `(shown above)` at the others, so every dependency has its line.
 */
export function renderTree(plan: Plan): string {
  const shown = new Set<string>();
  const lines = [printable(plan.name)];
  const continued = appendBranches(lines, plan, plan.levels[0] ?? [], shown);
  // Walked while it grows: what is continued may itself go too deep.
  for (const job of continued) {
    lines.push("", `${printable(job)} (continued)`);
    continued.push(...appendBranches(lines, plan, dependentsOf(plan, job), shown));
  }
  return `${lines.join("\n")}\n`;
}

/** Appends `jobs` and all below them; gives back the jobs that stand too deep to show what is below them. */
function appendBranches(lines: string[], plan: Plan, jobs: readonly string[], shown: Set<string>): string[] {
  const tooDeep: string[] = [];
  const open = branchesOf(jobs, "", 1);
  for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
    const { job, indent, depth, isLast } = branch;
    const dependents = dependentsOf(plan, job);
    let mark = "";
    if (shown.has(job)) {
      mark = " (shown above)";
    } else if (depth === MAX_DEPTH && dependents.length > 0) {
      mark = " (continued below)";
      tooDeep.push(job);
    } else {
      open.push(...branchesOf(dependents, `${indent}${isLast ? "    " : "│   "}`, depth + 1));
    }
    shown.add(job);
    lines.push(`${indent}${isLast ? "└── " : "├── "}${printable(job)}${mark}`);
  }
  return tooDeep;
}

/** Last first, because branches are taken from the end. */
function branchesOf(jobs: readonly string[], indent: string, depth: number): Branch[] {
  return jobs.toReversed().map((job, at) => ({ job, indent, depth, isLast: at === 0 }));
}

function dependentsOf(plan: Plan, job: string): readonly string[] {
  return plan.jobs.get(job)?.dependents ?? [];
}
