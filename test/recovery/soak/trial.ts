import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { ExecutorName } from "../../support/executors.ts";
import { CrashProject, untilEnded } from "../support/crash-project.ts";
import { killSupervisor } from "../support/disturb.ts";
import { seededRandom } from "../support/seeded-random.ts";
import type { OwnDaemon } from "./own-daemon.ts";

/** A little longer than a run takes that nobody disturbs. */
const LONGEST_MS: Readonly<Record<ExecutorName, number>> = { process: 2500, sandbox: 3000, docker: 6000 };
const MOST_KILLS = 4;
/** A run may have no supervisor at the moment. */
const MOST_TRIES = 20;
const TRY_AGAIN_MS = 50;
/** Of all runs. */
const SHARE_GIVEN_UP = 0.1;
const SHARE_SUPERVISOR_KILLED = 0.1;

export type TrialEnd = "whole" | "disturbed" | "given up" | "stopped";

export class TrialFailure extends Error {
  readonly directory: string;

  constructor(directory: string, what: string, cause: unknown) {
    super(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.directory = directory;
  }
}

export interface TrialOptions {
  readonly executor: ExecutorName;
  /** Decides all that is decided by chance. */
  readonly seed: number;
  readonly daemon: OwnDaemon | null;
  /** Ends the trial early, without a verdict. */
  readonly signal: AbortSignal;
  readonly onKill: () => void;
}

/** One project, one run: killed and resumed a few times. @throws TrialFailure its project is kept */
export async function trial({ executor, seed, daemon, signal, onKill }: TrialOptions): Promise<TrialEnd> {
  const random = seededRandom(seed);
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "waybill-soak-"));
  const project = new CrashProject(directory, executor);
  const stopsBefore = daemon?.stops ?? 0;
  const fate = random();
  const kills = Array.from({ length: 1 + Math.floor(random() * MOST_KILLS) }, () => random() * LONGEST_MS[executor]);
  const end = (): void => project.end();
  signal.addEventListener("abort", end);
  let isDisturbed = false;
  try {
    for (const [index, delay] of kills.entries()) {
      const child = await project.carryOn();
      const ended = untilEnded(child);
      await Promise.race([setTimeout(delay), ended]);
      for (let tries = 0; index === 0 && fate < SHARE_SUPERVISOR_KILLED && tries < MOST_TRIES; tries += 1) {
        isDisturbed = await killSupervisor(project, random);
        if (isDisturbed) break;
        await setTimeout(TRY_AGAIN_MS);
      }
      child.kill("SIGKILL");
      await ended;
      onKill();
      if (signal.aborted) break;
    }
    const isGivenUp = signal.aborted || fate > 1 - SHARE_GIVEN_UP;
    await daemon?.answering();
    const wasStopped = (): boolean => daemon !== null && daemon.stops !== stopsBefore;
    try {
      if (isGivenUp) await project.cancel();
      else if (isDisturbed || daemon !== null) await project.finishSomehow();
      else await project.finish();
    } catch (error) {
      // A command whose daemon goes away under its hands may say so, as long as a later one sets things right.
      if (!wasStopped()) throw error;
    }
    isDisturbed ||= wasStopped();
    if (isDisturbed && daemon !== null) await later(project, daemon);
    if (isGivenUp || isDisturbed) await project.checkEnded();
    else await project.checkWhole();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    return signal.aborted ? "stopped" : isGivenUp ? "given up" : isDisturbed ? "disturbed" : "whole";
  } catch (error) {
    if (signal.aborted) {
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
      return "stopped";
    }
    throw new TrialFailure(directory, `${executor}, seed ${seed}, killed after ${kills.join(", ")} ms`, error);
  } finally {
    signal.removeEventListener("abort", end);
    project.end();
  }
}

/** What could not be cleared away while the daemon was gone is cleared away by the next command. */
async function later(project: CrashProject, daemon: OwnDaemon): Promise<void> {
  for (;;) {
    const { stops } = daemon;
    await daemon.answering();
    try {
      await project.finishSomehow();
    } catch (error) {
      if (daemon.stops === stops) throw error;
    }
    if (daemon.stops === stops) return;
  }
}
