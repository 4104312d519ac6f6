const STAGES = ["build", "test", "deploy"] as const;

/** The stage that a job is part of by its name, as jobs of `.shipinator.yaml` are named; null: none of them. */
export function stageType(job: string): (typeof STAGES)[number] | null {
  return STAGES.find((stage) => job === stage || job.startsWith(`${stage}-`) || job.startsWith(`${stage}_`)) ?? null;
}
