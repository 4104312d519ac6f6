import type { JobRecord, RunRecord } from "../ports/run-store.ts";
import { isSettled, type RunStatus } from "../statuses.ts";
import {
  STAGE_TYPES,
  stageType,
  type Phase,
  type StagedRunState,
  type StageState,
  type StageType,
} from "./stage-machine.ts";

export interface StageProgress {
  readonly stageType: StageType;
  readonly state: StageState;
  /** Of the first of its jobs, in the order of the definition, that did not succeed; null: all did, or may yet. */
  readonly reason: string | null;
}

export interface RunProgress {
  readonly status: StagedRunState;
  /** Null: no stage has begun. */
  readonly phase: Phase | null;
  /** Those that the run has, in their order. */
  readonly stages: readonly StageProgress[];
}

type Job = Pick<JobRecord, "name" | "status" | "reason" | "startedAt">;

const RUN_STATES: Readonly<Record<RunStatus, StagedRunState>> = {
  pending: "PENDING",
  running: "RUNNING",
  success: "SUCCESS",
  failed: "FAILED",
  cancelled: "CANCELED",
};

const PHASES_OF: Readonly<Record<StageType, Readonly<Record<"under way" | "done", Phase>>>> = {
  build: { "under way": "BUILDING", done: "BUILT" },
  test: { "under way": "TESTING", done: "TESTED" },
  deploy: { "under way": "DEPLOYING", done: "DEPLOYED" },
};

/**
 * A run in the words of stages. The state of a stage follows from that of its jobs, so nothing that is reported twice
 * can move it twice.
 *
 * @returns null: none of its jobs is of a stage
 */
export function progressOf(run: Pick<RunRecord, "status">, jobs: readonly Job[]): RunProgress | null {
  const stages = STAGE_TYPES.flatMap((type): StageProgress[] => {
    const ofStage = jobs.filter(({ name }) => stageType(name) === type);
    return ofStage.length === 0 ? [] : [stageOf(type, ofStage)];
  });
  if (stages.length === 0) return null;
  const last = stages.findLast(({ state }) => state !== "PENDING");
  const phase =
    last === undefined ? null : PHASES_OF[last.stageType][last.state === "SUCCEEDED" ? "done" : "under way"];
  return { status: RUN_STATES[run.status], phase, stages };
}

function stageOf(type: StageType, jobs: readonly Job[]): StageProgress {
  // What a failure before it has cancelled never began.
  const hasBegun = jobs.some(
    ({ status, startedAt }) => startedAt !== null || (isSettled(status) && status !== "cancelled"),
  );
  if (!hasBegun) return { stageType: type, state: "PENDING", reason: null };
  // A failure ends the stage once what runs beside it has settled.
  if (!jobs.every(({ status }) => isSettled(status))) return { stageType: type, state: "RUNNING", reason: null };
  const failed = jobs.find(({ status, reason }) => status !== "success" && reason !== "condition_false");
  if (failed === undefined) return { stageType: type, state: "SUCCEEDED", reason: null };
  const isCancelled = failed.status === "cancelled" && failed.reason !== "dependency_failed";
  return { stageType: type, state: "FAILED", reason: isCancelled ? "canceled" : failed.reason };
}
