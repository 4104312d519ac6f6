import { cleanupIntervalHours, type CleanupReport, type RetentionPolicyEngine } from "@waybill/artifacts";
import { WaybillError, type Clock, type Timer } from "@waybill/core";
import type { ServerLog } from "../server-log.ts";

const HOUR_MS = 3_600_000;

/** After the start there is more urgent work. */
const FIRST_MS = 60_000;

/** Removes artifacts whose time is over: every four hours, and more often the fuller the store is. */
export class ArtifactCleanup {
  readonly #engine: Pick<RetentionPolicyEngine, "collect">;
  readonly #clock: Clock;
  readonly #log: ServerLog;
  #timer: Timer | null = null;
  #isStopped = false;
  #last: { readonly finishedAt: number; readonly report: CleanupReport } | null = null;
  #underWay: Promise<void> = Promise.resolve();

  constructor(engine: Pick<RetentionPolicyEngine, "collect">, clock: Clock, log: ServerLog) {
    this.#engine = engine;
    this.#clock = clock;
    this.#log = log;
  }

  /** The last one here; null: there was none. */
  get last(): { readonly finishedAt: number; readonly report: CleanupReport } | null {
    return this.#last;
  }

  start(): void {
    this.#schedule(FIRST_MS);
  }

  /** Resolves when nothing is being removed any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#underWay;
  }

  #schedule(delayMs: number): void {
    if (this.#isStopped) return;
    this.#timer = this.#clock.setTimer(delayMs, () => {
      this.#underWay = this.#clean();
    });
  }

  async #clean(): Promise<void> {
    let level: CleanupReport["level"] = "normal";
    try {
      const report = await this.#engine.collect();
      ({ level } = report);
      this.#last = { finishedAt: this.#clock.now(), report };
      this.#tell(report);
    } catch (error) {
      // Another server on the same store is at it, or somebody by hand.
      const isOthers = error instanceof WaybillError && error.code === "ARTIFACT_CLEANUP_RUNNING";
      if (!isOthers) this.#log.error("artifacts could not be cleaned up", {}, error);
    }
    this.#schedule(cleanupIntervalHours(level) * HOUR_MS);
  }

  #tell({ level, used_percent, artifacts, reclaimed_bytes, corrupted }: CleanupReport): void {
    const fields = { level, used_percent, removed: artifacts.length, reclaimed_bytes };
    if (level !== "normal") this.#log.warn("the artifact store is getting full", fields);
    else if (artifacts.length > 0) this.#log.info("artifacts were cleaned up", fields);
    for (const hash of corrupted) this.#log.warn("a stored content is damaged and in quarantine", { hash });
  }
}
