import { listNames } from "../graph/wording.ts";
import type { Plan, PlannedJob } from "./plan.ts";
import { printable } from "./printable.ts";

/** Names shown of the longest chain before the rest is counted. */
const MAX_CHAIN = 30;

/**
 * The plan as text for a person: the jobs level by level with what they wait for, then the longest chain.
 * Ends with a line break; plain characters only.
 */
export function renderPlan(plan: Plan): string {
  const jobs = plan.jobs.size;
  const lines = [
    `${printable(plan.name)}: ${count(jobs, "job")} in ${count(plan.levels.length, "level")}`,
    "",
    ...levelLines(plan),
    "",
    `Longest chain: ${listNames(plan.criticalPath, MAX_CHAIN)} (${count(plan.criticalPath.length, "job")})`,
    `Parallelism: ${plan.parallelism} (at best this many times faster than one job after the other)`,
  ];
  return `${lines.join("\n")}\n`;
}

function levelLines(plan: Plan): string[] {
  const numberWidth = String(plan.levels.length).length;
  const nameWidth = widest(plan.jobs.keys());
  const stepsWidth = widest([...plan.jobs.values()].map(stepsText));
  return plan.levels.flatMap((level, at) =>
    level.map((name, place) => {
      const number = place === 0 ? String(at + 1) : "";
      const job = plan.jobs.get(name);
      if (job === undefined) throw new TypeError(`the plan has no job ${name}`);
      const columns = [number.padStart(numberWidth), name.padEnd(nameWidth), stepsText(job).padEnd(stepsWidth)];
      return `  ${[...columns, restText(job)].join("  ")}`.trimEnd();
    }),
  );
}

function stepsText(job: PlannedJob): string {
  return count(job.steps.length, "step");
}

function restText(job: PlannedJob): string {
  const parts: string[] = [];
  if (job.dependsOn.length > 0) parts.push(`after ${listNames(job.dependsOn)}`);
  if (job.condition !== null) parts.push(`if ${printable(job.condition)}`);
  if (job.deploysTo !== null) parts.push(`on ${job.deploysTo}`);
  return parts.join("  ");
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function widest(texts: Iterable<string>): number {
  let width = 0;
  for (const text of texts) width = Math.max(width, text.length);
  return width;
}
