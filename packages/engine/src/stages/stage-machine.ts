/**
 * The words of the build, test and deploy server: pipelines of three stages, whose states and whose run's states have
 * names of their own. Ours are mapped to them where somebody asks in these words; nothing is stored in them.
 */
export const STAGE_TYPES = ["build", "test", "deploy"] as const;
export type StageType = (typeof STAGE_TYPES)[number];

export const STAGE_STATES = ["PENDING", "RUNNING", "SUCCEEDED", "FAILED"] as const;
export type StageState = (typeof STAGE_STATES)[number];

/** Of runs, jobs and steps: `SUCCESS` where a stage has `SUCCEEDED`, and `CANCELED` with one L. */
export const STAGED_RUN_STATES = ["PENDING", "RUNNING", "SUCCESS", "FAILED", "CANCELED"] as const;
export type StagedRunState = (typeof STAGED_RUN_STATES)[number];

/** How far a run has come; it keeps the phase in which it failed. */
export const PHASES = ["BUILDING", "BUILT", "TESTING", "TESTED", "DEPLOYING", "DEPLOYED"] as const;
export type Phase = (typeof PHASES)[number];

const STAGE_TRANSITIONS: Readonly<Record<StageState, readonly StageState[]>> = {
  PENDING: ["RUNNING"],
  RUNNING: ["SUCCEEDED", "FAILED"],
  SUCCEEDED: [],
  FAILED: [],
};

/** PENDING -> CANCELED: a run that waits in the queue may be cancelled. */
const RUN_TRANSITIONS: Readonly<Record<StagedRunState, readonly StagedRunState[]>> = {
  PENDING: ["RUNNING", "CANCELED"],
  RUNNING: ["SUCCESS", "FAILED", "CANCELED"],
  SUCCESS: [],
  FAILED: [],
  CANCELED: [],
};

export function canStageTransition(from: StageState, to: StageState): boolean {
  return STAGE_TRANSITIONS[from].includes(to);
}

export function canStagedRunTransition(from: StagedRunState, to: StagedRunState): boolean {
  return RUN_TRANSITIONS[from].includes(to);
}

/** The stage that a job is part of by its name, as jobs of `.shipinator.yaml` are named; null: none of them. */
export function stageType(job: string): StageType | null {
  return (
    STAGE_TYPES.find((stage) => job === stage || job.startsWith(`${stage}-`) || job.startsWith(`${stage}_`)) ?? null
  );
}
