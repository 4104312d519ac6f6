/** A file of `count` jobs as people write them: a step of two lines with a variable, every third job on its own. */
export function ordinaryPipeline(count: number): string {
  const lines = ["name: bench", "global_env:", "  STAGE: production", "jobs:"];
  for (let index = 0; index < count; index++) {
    lines.push(`  job-${index}:`);
    if (index % 3 !== 0) lines.push(`    depends_on: [job-${index - 1}]`);
    lines.push(
      "    steps:",
      "      - name: build",
      "        script:",
      "          - make build",
      '          - echo "${STAGE} done"',
    );
  }
  return `${lines.join("\n")}\n`;
}

/** `count` jobs that do nothing, all at once or one behind the other. */
export function trivialPipeline(count: number, shape: "independent" | "chain"): string {
  const lines = ["name: bench", "jobs:"];
  for (let index = 0; index < count; index++) {
    lines.push(`  job-${index}:`);
    if (shape === "chain" && index > 0) lines.push(`    depends_on: [job-${index - 1}]`);
    lines.push("    steps:", "      - name: nothing", '        script: ["true"]');
  }
  return `${lines.join("\n")}\n`;
}
