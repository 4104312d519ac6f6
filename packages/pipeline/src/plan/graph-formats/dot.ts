import type { Plan } from "../plan.ts";
import { printable } from "../printable.ts";

/** A Graphviz digraph, arrows in the order of execution. */
export function renderDot(plan: Plan): string {
  const lines = [`digraph ${quoted(plan.name)} {`, "  rankdir=LR;", "  node [shape=box];"];
  for (const name of plan.jobs.keys()) lines.push(`  ${quoted(name)};`);
  for (const job of plan.jobs.values()) {
    for (const dependency of job.dependsOn) lines.push(`  ${quoted(dependency)} -> ${quoted(job.name)};`);
  }
  lines.push("}");
  return `${lines.join("\n")}\n`;
}

/** A quoted id. A backslash is doubled: labels show the id, and there `\n` and `\N` would mean something. */
function quoted(text: string): string {
  return `"${printable(text).replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
