import type { PipelineJob } from "@waybill/pipeline";

/**
 * What stands before some jobs: whoever runs the engine says which, and whether they may begin. The engine asks when such
 * a job is due, once more whenever it is woken (`RunHandle.wake`), and every few seconds for as long as the job is held.
 */
export interface JobGate {
  /** Whether the job is to be asked for at all. Always the same answer for a job; others begin at once. */
  guards(job: PipelineJob): boolean;
  /** May be asked any number of times, and again by another process that takes the run up. An error holds the job. */
  ask(job: GatedJob): Promise<GateAnswer>;
  /**
   * What `secrets.NAME` stands for in the job besides those of the run, before which they go. Asked for at each attempt of
   * a job that may begin, and by a process that takes one up.
   */
  secretsOf(job: GatedJob): Promise<Readonly<Record<string, string>>>;
}

export interface GatedJob {
  readonly runId: string;
  readonly job: PipelineJob;
}

/** Messages are for people, in words that follow the job's name: `waiting for …`. */
export type GateAnswer =
  | { readonly verdict: "go"; readonly message: string }
  | { readonly verdict: "hold"; readonly message: string; readonly remedy: string }
  /** It never begins. */
  | { readonly verdict: "refuse"; readonly message: string; readonly remedy: string };
