import type { SlipStatus, StepStatus } from "../statuses.ts";

/** The operations whose failures are counted. */
export type FailedOperation = "create" | "load" | "update_step" | "append_history" | "migrate" | "resolve" | "github";

/** Told of what metrics count. Durations are in seconds; methods must not throw. */
export interface SlipObserver {
  slipCreated?(repository: string, componentCount: number): void;
  slipEnded?(repository: string, status: SlipStatus, durationSeconds: number): void;
  /** `durationSeconds` is null where nobody reported its beginning. */
  stepEnded?(step: string, status: StepStatus, durationSeconds: number | null): void;
  prerequisitesChecked?(step: string, result: "completed" | "running" | "failed", durationSeconds: number): void;
  holdBegan?(step: string, pending: readonly string[]): void;
  holdEnded?(step: string, durationSeconds: number, isTimedOut: boolean): void;
  failed?(operation: FailedOperation): void;
}
