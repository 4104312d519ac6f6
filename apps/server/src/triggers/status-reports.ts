import type { Clock, Random, Timer } from "@waybill/core";
import { isSettled, type RunOrigin, type RunRecord, type RunStore } from "@waybill/engine";
import {
  parseRef,
  reportDue,
  type CommitState,
  type ProjectRecords,
  type StatusOutbox,
  type StatusReport,
} from "@waybill/projects";
import { repositoryName } from "../runs/manual-event.ts";
import { needsApprovalOf } from "../runs/run-cause.ts";
import type { ServerLog } from "../server-log.ts";
import type { Forges } from "./open-forges.ts";

export interface StatusReportsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: RunStore;
  readonly records: ProjectRecords;
  readonly outbox: StatusOutbox;
  readonly forges: Pick<Forges, "reporters" | "reporterFor">;
  /** Where the forge knows a repository, where it is fetched from elsewhere. */
  readonly addressOf: (repositoryId: string) => Promise<string | null>;
  readonly log: ServerLog;
  /** Of this server, for people; null: not known, and nothing links to it. */
  readonly publicUrl: string | null;
}

/** How often it is looked for what other servers were to tell. */
const LOOK_MS = 5_000;
/** Runs that are looked at when a server begins: the end of one may not have been kept. */
const RECENT = 500;
const RECENT_MS = 24 * 3_600_000;
const KEEP_MS = 7 * 24 * 3_600_000;
const FORGET_MS = 3_600_000;

/** Of the state of a run among its states: later ones are told over earlier ones. */
const ORDER = { pending: 1, running: 2, success: 3, failed: 3, cancelled: 3 } as const;

/** Tells forges how runs of their commits stand. What is to be told is kept first, so it is told at least once. */
export class StatusReports {
  readonly #options: StatusReportsOptions;
  #timer: Timer | null = null;
  #telling: Promise<void> = Promise.resolve();
  #isDue = false;
  #isStopped = false;
  readonly #writes = new Set<Promise<void>>();
  #forgottenAt = -Infinity;

  constructor(options: StatusReportsOptions) {
    this.#options = options;
  }

  get isUsed(): boolean {
    return this.#options.forges.reporters.length > 0;
  }

  /** A run has another status than before. Never rejects. */
  changed(runId: string): void {
    if (!this.isUsed || this.#isStopped) return;
    this.#keep(this.#put(runId));
  }

  /** The store is not closed before it has ended. */
  #keep(work: Promise<void>): void {
    const write = work.catch((error: unknown) => this.#failed(error)).finally(() => this.#writes.delete(write));
    this.#writes.add(write);
  }

  /** Begins to tell, with what a server that died did not come to. */
  start(): void {
    if (!this.isUsed) return;
    this.#keep(this.#putRecent());
    this.#schedule();
  }

  async #putRecent(): Promise<void> {
    const { store, clock } = this.#options;
    for (const run of await store.page({ limit: RECENT })) {
      if (this.#isStopped) return;
      if (run.createdAt > clock.now() - RECENT_MS) await this.#put(run.id);
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await Promise.all(this.#writes);
    await this.#telling;
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#wake();
    this.#timer = this.#options.clock.setTimer(LOOK_MS, () => this.#schedule());
  }

  #wake(): void {
    if (this.#isDue || this.#isStopped) return;
    this.#isDue = true;
    this.#telling = this.#telling
      .then(() => {
        this.#isDue = false;
        return this.#tell();
      })
      .catch((error: unknown) => this.#failed(error));
  }

  async #tell(): Promise<void> {
    const { outbox, forges, clock, random, log } = this.#options;
    if (this.#isStopped) return;
    await reportDue({
      outbox,
      reporters: forges.reporters,
      clock,
      random,
      onGivenUp: ({ report: { forge, repository, sha } }, problem) =>
        log.warn("a status could not be reported", { forge, repository, sha, detail: problem }),
    });
    if (clock.monotonic() - this.#forgottenAt > FORGET_MS) {
      this.#forgottenAt = clock.monotonic();
      await outbox.forget(clock.now() - KEEP_MS);
    }
  }

  async #put(runId: string): Promise<void> {
    const { store, outbox, clock } = this.#options;
    const [run, origin] = [await store.find(runId), await store.origin(runId)];
    const report = run === null || origin === null ? null : await this.#reportOf(run, origin);
    if (run === null || report === null) return;
    const isNew = await outbox.put(report, { runNumber: run.number, seq: ORDER[run.status] }, clock.now());
    if (isNew) this.#wake();
  }

  /** @returns null: of a repository whose forge is told nothing, or not by this project */
  async #reportOf(run: RunRecord, origin: RunOrigin): Promise<StatusReport | null> {
    const { records, forges, addressOf, publicUrl } = this.#options;
    const pipeline = await records.pipelines.find(origin.pipelineId);
    const repository = pipeline === null ? null : await records.repositories.find(pipeline.repositoryId);
    if (pipeline === null || repository === null) return null;
    const address = (await addressOf(repository.id)) ?? repository.url;
    const host = URL.parse(address)?.hostname.toLowerCase() ?? "";
    const forge = forges.reporterFor(host, repository.projectId);
    if (forge === null) return null;
    const ref = parseRef(origin.gitRef);
    return {
      forge,
      repository: repositoryName(address),
      sha: origin.gitSha,
      context: `waybill/${pipeline.name}`,
      state: stateOf(run),
      description: descriptionOf(run, needsApprovalOf(origin)),
      url: publicUrl === null ? null : `${publicUrl}/v1/pipeline-runs/${run.id}`,
      ref: ref?.name ?? null,
      startedAt: run.startedAt,
      finishedAt: run.finishedAt,
    };
  }

  #failed(error: unknown): void {
    this.#options.log.error("statuses could not be reported", {}, error);
  }
}

function stateOf({ status }: RunRecord): CommitState {
  return status === "failed" ? "failure" : status;
}

function descriptionOf(run: RunRecord, needsApproval: boolean): string {
  if (run.status === "pending") return `Run ${run.number} waits${needsApproval ? " for approval" : ""}`;
  if (!isSettled(run.status)) return `Run ${run.number} is under way`;
  const seconds = ((run.finishedAt ?? 0) - (run.startedAt ?? run.finishedAt ?? 0)) / 1000;
  const reason = run.reason === null ? "" : `: ${run.reason.replaceAll("_", " ")}`;
  return `Run ${run.number}: ${run.status}${reason} after ${Math.max(0, Math.round(seconds))} s`;
}
