import { systemPrincipal, type ApprovalService } from "@waybill/access";
import { WaybillError, type Clock } from "@waybill/core";
import { isSettled, type RunOrigin, type RunRecord, type RunStore } from "@waybill/engine";
import type { PipelineDefinition } from "@waybill/pipeline";
import { concurrencyOf, type ConcurrencyGroups, type ProjectRecords } from "@waybill/projects";
import type { ServerLog } from "../server-log.ts";
import { eventOf, inputsOf, needsApprovalOf } from "./run-cause.ts";

export interface RunGateOptions {
  readonly clock: Clock;
  readonly store: RunStore;
  readonly records: ProjectRecords;
  readonly groups: ConcurrencyGroups;
  readonly approvals: ApprovalService;
  readonly log: ServerLog;
}

/** `end`: nobody let it run, and nobody will. */
export type GateVerdict = "go" | "wait" | "end";

/** How long somebody may take to look at the pull request of a fork. */
const APPROVAL_MS = 14 * 24 * 3_600_000;
/** After this the server that stored a run and was to ask for its approval is taken for dead. */
const ASK_AFTER_MS = 30_000;
/** Approvals that one sweep looks at, the oldest. */
const SWEPT_APPROVALS = 200;
const RUNS = systemPrincipal("runs");

/** What stands between a run that is stored and its beginning: its concurrency group, and somebody's approval. */
export class RunGate {
  readonly #options: RunGateOptions;
  /** Runs that are in their group, or in none, for certain. */
  readonly #entered = new Set<string>();
  /** Runs that wait for nobody's approval, or have it. */
  readonly #cleared = new Set<string>();

  constructor(options: RunGateOptions) {
    this.#options = options;
  }

  /** A run has been stored by this server. Called once more it changes nothing. */
  async stored(run: RunRecord, origin: RunOrigin, definition: PipelineDefinition): Promise<void> {
    if (!needsApprovalOf(origin)) return await this.#enter(run, origin, definition);
    if ((await this.#options.approvals.ofRun(run.id)).length === 0) await this.#askForApproval(run);
  }

  /** Whether a run that has not begun may begin now. */
  async ask(run: RunRecord): Promise<GateVerdict> {
    const { store, groups } = this.#options;
    if (!this.#cleared.has(run.id)) {
      const origin = await store.origin(run.id);
      if (origin !== null && needsApprovalOf(origin)) {
        const verdict = await this.#approvalOf(run);
        if (verdict !== "go") return verdict;
      }
      this.#cleared.add(run.id);
    }
    if (run.concurrencyGroup === null) return "go";
    if (!this.#entered.has(run.id)) {
      const [origin, definition] = [await store.origin(run.id), await store.definition(run.id)];
      if (origin !== null && definition !== null) await this.#enter(run, origin, definition);
    }
    return (await groups.isAdmitted(run.id)) ? "go" : "wait";
  }

  /** A run has ended. @returns whether another one may begin because of it */
  async left(run: RunRecord): Promise<boolean> {
    this.#entered.delete(run.id);
    this.#cleared.delete(run.id);
    await this.#options.approvals.cancelOfRun(RUNS, run.id);
    if (run.concurrencyGroup === null) return false;
    return (await this.#options.groups.leave(run.id)).length > 0;
  }

  /** Runs that are to end because of a later one. */
  superseded(): Promise<readonly string[]> {
    return this.#options.groups.superseded();
  }

  /** Takes runs that have ended out of their groups, and what they asked for back, whose server did not live to do so. */
  async sweep(): Promise<boolean> {
    await this.#sweepApprovals();
    return (await this.#options.groups.sweep()).length > 0;
  }

  async #sweepApprovals(): Promise<void> {
    const { approvals, store } = this.#options;
    for (const { runId, kind } of await approvals.pending(null, SWEPT_APPROVALS)) {
      if (kind === "deployment") continue;
      const run = await store.find(runId);
      if (run !== null && isSettled(run.status)) await approvals.cancelOfRun(RUNS, runId);
    }
  }

  async #enter(run: RunRecord, origin: RunOrigin, definition: PipelineDefinition): Promise<void> {
    if (run.concurrencyGroup !== null) {
      const { groups, clock, records } = this.#options;
      const projectId = (await records.pipelines.find(origin.pipelineId))?.projectId ?? "";
      await groups.enter({
        group: `${projectId} ${run.concurrencyGroup}`,
        runId: run.id,
        cancelInProgress: isCancelling(origin, definition),
        now: clock.now(),
      });
    }
    this.#entered.add(run.id);
  }

  async #approvalOf(run: RunRecord): Promise<GateVerdict> {
    const { approvals, clock } = this.#options;
    const asked = (await approvals.ofRun(run.id)).filter(({ kind }) => kind === "fork_run");
    if (asked.some(({ status, digest }) => status === "approved" && digest === run.gitSha)) return "go";
    if (asked.some(({ status }) => status === "pending")) return "wait";
    if (asked.length > 0) return "end";
    if (clock.now() - run.createdAt > ASK_AFTER_MS) await this.#askForApproval(run);
    return "wait";
  }

  async #askForApproval(run: RunRecord): Promise<void> {
    const { approvals, records, clock, log } = this.#options;
    const pipeline = run.pipelineId === null ? null : await records.pipelines.find(run.pipelineId);
    if (pipeline === null) return;
    await approvals.request(systemPrincipal("triggers"), {
      projectId: pipeline.projectId,
      runId: run.id,
      kind: "fork_run",
      // What somebody looks at is one commit; a later one is another run.
      digest: run.gitSha ?? "",
      authorIds: [],
      expiresAt: clock.now() + APPROVAL_MS,
    });
    log.info("a run waits for approval", { run: run.id });
  }
}

/** As it was decided when the run was stored; what cannot be read any more ends nothing. */
function isCancelling(origin: RunOrigin, definition: PipelineDefinition): boolean {
  try {
    return concurrencyOf(definition, eventOf(origin), inputsOf(origin.inputs))?.cancelInProgress ?? false;
  } catch (error) {
    if (error instanceof WaybillError) return false;
    throw error;
  }
}
