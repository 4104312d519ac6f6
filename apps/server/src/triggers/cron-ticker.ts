import { WaybillError, type Clock, type Timer } from "@waybill/core";
import {
  claimDueTicks,
  loadCronerTimes,
  type ClaimedTick,
  type CronEvent,
  type CronTimes,
  type Pipeline,
  type ProjectRecords,
  type Repository,
  type Schedule,
  type ScheduleTicks,
} from "@waybill/projects";
import { within } from "../patience.ts";
import { repositoryName } from "../runs/manual-event.ts";
import { readDefinition, type DefinitionSources } from "../runs/read-definition.ts";
import type { RunService } from "../runs/run-service.ts";
import type { ServerLog } from "../server-log.ts";
import type { ProjectMirrors } from "./project-mirrors.ts";

export interface CronTickerOptions {
  readonly clock: Clock;
  readonly records: ProjectRecords;
  readonly mirrors: ProjectMirrors;
  readonly runs: RunService;
  readonly ticks: ScheduleTicks;
  readonly log: ServerLog;
  readonly environment: DefinitionSources["environment"];
}

/** Schedules are of minutes; a tick starts this long after its time at most. */
const TICK_MS = 5_000;
/** How old what is known of a pipeline's schedules may be where nobody tells of pushes. */
const REFRESH_MS = 15 * 60_000;
/** What could not be started for so long is given up: the next time comes. */
const GIVE_UP_MS = 3_600_000;
const FORGET_MS = 24 * 3_600_000;
const KEEP_MS = 90 * 24 * 3_600_000;
const PAGE = 200;
const PATIENCE_MS = 10_000;

interface Known {
  readonly schedules: readonly Schedule[];
  readonly pipeline: Pipeline;
  readonly repository: Repository;
  readonly readAt: number;
}

/** Starts runs by the clock. Of several servers one starts each of them; times that nobody was there for are one run. */
export class CronTicker {
  readonly #options: CronTickerOptions;
  /** By pipeline. What its file says on the default branch. */
  readonly #known = new Map<string, Known>();
  #times: CronTimes | null = null;
  #timer: Timer | null = null;
  #tick: Promise<void> = Promise.resolve();
  #isStopped = false;
  #forgottenAt = -Infinity;

  constructor(options: CronTickerOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#isStopped) return;
    this.#tick = this.tick()
      .catch((error: unknown) => this.#options.log.error("schedules could not be looked at", {}, error))
      .finally(() => {
        if (!this.#isStopped) this.#timer = this.#options.clock.setTimer(TICK_MS, () => this.start());
      });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    // A fetch that takes longer is nobody's any more.
    await within(this.#options.clock, PATIENCE_MS, this.#tick);
  }

  /** The default branch of a repository may say something else now. */
  changed(repositoryId: string): void {
    for (const [id, { repository }] of this.#known) if (repository.id === repositoryId) this.#known.delete(id);
  }

  /** Starts what is due. */
  async tick(): Promise<void> {
    const { clock, ticks } = this.#options;
    await this.#refresh();
    const schedules = [...this.#known.values()].flatMap((known) => known.schedules);
    if (schedules.length === 0 || this.#isStopped) return;
    this.#times ??= await loadCronerTimes();
    for (const tick of await claimDueTicks(ticks, schedules, this.#times, clock.now())) await this.#start(tick);
    if (clock.monotonic() - this.#forgottenAt > FORGET_MS) {
      this.#forgottenAt = clock.monotonic();
      await ticks.forget(clock.now() - KEEP_MS);
    }
  }

  /** Reads the schedules of pipelines that are new, were pushed to, or have not been looked at for long. */
  async #refresh(): Promise<void> {
    const { records, clock } = this.#options;
    const seen = new Set<string>();
    for (let after: string | null = null; ;) {
      const page: readonly Pipeline[] = await records.pipelines.page(null, { after, limit: PAGE });
      for (const pipeline of page) {
        seen.add(pipeline.id);
        const known = this.#known.get(pipeline.id);
        if (this.#isStopped) return;
        if (known === undefined || clock.monotonic() - known.readAt > REFRESH_MS) await this.#read(pipeline, known);
      }
      after = page.at(-1)?.id ?? null;
      if (page.length < PAGE || after === null) break;
    }
    for (const id of this.#known.keys()) if (!seen.has(id)) this.#known.delete(id);
  }

  async #read(pipeline: Pipeline, known: Known | undefined): Promise<void> {
    const { records, mirrors, clock, environment, log } = this.#options;
    const repository = await records.repositories.find(pipeline.repositoryId);
    if (repository === null) return;
    const keep = (schedules: readonly Schedule[]): void =>
      void this.#known.set(pipeline.id, { schedules, pipeline, repository, readAt: clock.monotonic() });
    try {
      const mirror = mirrors.of(repository);
      const ref = `refs/heads/${repository.defaultBranch}`;
      // What is told of pushes has been fetched by then.
      let sha = known === undefined ? await mirror.resolve(ref) : null;
      if (sha === null) {
        await mirror.update();
        sha = await mirror.resolve(ref);
      }
      if (sha === null) return keep([]);
      const { schedule } = await readDefinition({ clock, records, mirrors, environment }, pipeline, sha, {});
      keep(schedule.map((rule) => ({ pipelineId: pipeline.id, rule })));
    } catch (error) {
      if (!(error instanceof WaybillError)) throw error;
      // A file that is broken for a while ends no schedule, and a remote that is away neither.
      keep(known?.schedules ?? []);
      if (known === undefined && error.code.startsWith("GIT_"))
        log.warn("schedules cannot be read", { pipeline: pipeline.id, detail: error.message });
    }
  }

  async #start(tick: ClaimedTick): Promise<void> {
    const { runs, ticks, clock, log } = this.#options;
    const known = this.#known.get(tick.schedule.pipelineId);
    if (known === undefined) return;
    const { pipeline, repository } = known;
    const { cron, timezone, branch } = tick.schedule.rule;
    const event: CronEvent = {
      kind: "cron",
      source: "waybill",
      repository: { name: repositoryName(repository.url), urls: [repository.url] },
      actor: "",
      branch: branch ?? repository.defaultBranch,
      cron,
      timezone,
      dueAt: tick.dueAt,
    };
    try {
      const { run } = await runs.triggerIf({
        id: tick.runId,
        pipeline,
        ref: `refs/heads/${event.branch}`,
        sha: null,
        trigger: "cron",
        event: {},
        cause: event,
        inputs: {},
        // Fetched by now: what was taken out of the file meanwhile is not run once more.
        decide: (definition) => {
          const isThere =
            branch !== null || definition.schedule.some((rule) => rule.cron === cron && rule.timezone === timezone);
          const reason = isThere ? `the schedule "${cron}" (${timezone}) was due` : "the schedule was removed";
          return Promise.resolve({ isStarted: isThere, reason });
        },
      });
      await ticks.settle(tick, run === null ? "skipped" : "started", run?.id ?? null);
      if (run === null) this.changed(repository.id);
    } catch (error) {
      if (!(error instanceof WaybillError) || error.code === "API_SHUTTING_DOWN") throw error;
      log.warn("a schedule could not start a run", {
        pipeline: pipeline.id,
        cron,
        code: error.code,
        detail: error.message,
      });
      // Otherwise it is tried again when its lease has run out.
      const isPassing = /^(?:GIT|STORE|CIRCUIT)_/.test(error.code) && clock.now() - tick.dueAt < GIVE_UP_MS;
      if (!isPassing) await ticks.settle(tick, "skipped", null);
    }
  }
}
