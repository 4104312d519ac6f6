import type { Plan } from "../plan.ts";

/** A Mermaid flow chart, arrows in the order of execution. Jobs get numbers as ids, so that no name can be syntax. */
export function renderMermaid(plan: Plan): string {
  const ids = new Map([...plan.jobs.keys()].map((name, at) => [name, `j${at}`] as const));
  const lines = ["flowchart LR"];
  for (const [name, id] of ids) lines.push(`  ${id}["${escapeLabel(name)}"]`);
  for (const job of plan.jobs.values()) {
    for (const dependency of job.dependsOn) lines.push(`  ${ids.get(dependency)} --> ${ids.get(job.name)}`);
  }
  return `${lines.join("\n")}\n`;
}

/** Mermaid reads `#35;` in a label as the character of that code; everything that could mean something is written so. */
function escapeLabel(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} _.-]/gu, (character) => `#${character.codePointAt(0)};`);
}
