import { systemClock, systemIds, systemRandom, type Clock, type Ids, type Random } from "@waybill/core";
import { randomUUID } from "node:crypto";
import { untilAborted } from "./abortable.ts";
import { loadSlip, unfold, type LineageSettings, type SlipContext } from "./context.ts";
import { messageOf, notFound, operationFailed } from "./errors.ts";
import type { CommitGraph } from "./ports/commit-graph.ts";
import { silentLogger, type SlipLogger } from "./ports/logger.ts";
import type { FailedOperation, SlipObserver } from "./ports/observer.ts";
import type { SlipStore } from "./ports/slip-store.ts";
import type { WakeUps } from "./ports/wake-ups.ts";
import { createSlipForPush, normalSha, type PushOptions } from "./push.ts";
import { ALL_REPOSITORIES, type RepositoryFilter } from "./repositories/filter.ts";
import { NO_IDENTITY, Repositories, type RepositoryIdentity } from "./repositories/identity.ts";
import { resolveSlip, type ResolvedSlip, type ResolveOptions } from "./resolve.ts";
import { DEFAULT_ROUTE, type Route } from "./route/route.ts";
import { ACTORS, type Slip } from "./slip.ts";
import type { SlipStatus } from "./statuses.ts";
import {
  holdRequest,
  runPostExecution,
  runPreExecution,
  type ExecutionOptions,
  type PostExecutionOptions,
  type PreExecutionOptions,
  type PreExecutionResult,
} from "./steps/executor.ts";
import { hold } from "./steps/hold.ts";
import { checkPrerequisites, type PrerequisiteResult } from "./steps/prerequisites.ts";
import { appendHistory, updateSlip, updateStepOf, type StepUpdate } from "./steps/update.ts";

export const DEFAULT_HOLD_TIMEOUT_MS = 60 * 60_000;
export const DEFAULT_POLL_INTERVAL_MS = 60_000;

export const DEFAULT_LINEAGE: LineageSettings = {
  depth: 25,
  maxDepth: 100,
  chainLimit: 0,
  acceptsUnmerged: false,
  isAcrossRepositories: false,
};

export interface SlipClientOptions {
  readonly store: SlipStore;
  /** Default: the thirteen steps of `DEFAULT_ROUTE`. The store's must be the same. */
  readonly route?: Route;
  /** Null or absent: slips have no lineage, and are found by id, commit and image tag alone. */
  readonly graph?: CommitGraph | null;
  readonly wakeUps?: WakeUps | null;
  readonly logger?: SlipLogger;
  readonly observer?: SlipObserver;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Of slips; default: UUID version 4. */
  readonly slipIds?: Ids;
  readonly eventIds?: Ids;
  readonly filter?: RepositoryFilter;
  readonly identity?: RepositoryIdentity;
  readonly lineage?: Partial<LineageSettings>;
  readonly holdTimeoutMs?: number;
  readonly pollIntervalMs?: number;
  /** False: nothing is read or written, and every step goes on. */
  readonly isEnabled?: boolean;
  /** Nothing is held, and no error blocks: what would have been is in the log. */
  readonly isShadow?: boolean;
}

/**
 * Everything about slips. Operations throw coded errors; in shadow mode none does: it is logged, and what would have
 * been answered is null, or nothing.
 *
 * Every operation ends early where its signal is aborted, with the signal's reason or `SLIP_CANCELLED`.
 */
export class SlipClient {
  readonly #context: SlipContext;

  constructor(options: SlipClientOptions) {
    const graph = options.graph ?? null;
    this.#context = {
      store: options.store,
      graph,
      repositories: new Repositories(options.identity ?? NO_IDENTITY, graph),
      route: options.route ?? DEFAULT_ROUTE,
      clock: options.clock ?? systemClock,
      random: options.random ?? systemRandom,
      slipIds: options.slipIds ?? { next: () => randomUUID() },
      eventIds: options.eventIds ?? systemIds,
      logger: options.logger ?? silentLogger,
      observer: options.observer ?? {},
      wakeUps: options.wakeUps ?? null,
      filter: options.filter ?? ALL_REPOSITORIES,
      lineage: { ...DEFAULT_LINEAGE, ...options.lineage },
      holdTimeoutMs: positive(options.holdTimeoutMs) ?? DEFAULT_HOLD_TIMEOUT_MS,
      pollIntervalMs: positive(options.pollIntervalMs) ?? DEFAULT_POLL_INTERVAL_MS,
      isEnabled: options.isEnabled ?? true,
      isShadow: options.isShadow ?? false,
    };
  }

  get route(): Route {
    return this.#context.route;
  }

  isShadowMode(): boolean {
    return this.#context.isShadow;
  }

  /** @throws WaybillError `SLIP_NOT_FOUND` */
  load(correlationId: string, signal?: AbortSignal): Promise<Slip | null> {
    return this.#guard("load", "load slip", null, async () => {
      return (await loadSlip(this.#context, correlationId, signal)).slip;
    });
  }

  /** @throws WaybillError `SLIP_NOT_FOUND` */
  loadById(slipId: string, signal?: AbortSignal): Promise<Slip | null> {
    return this.#guard("load", "load slip", null, async () => {
      const stored = await untilAborted(this.#context.store.loadById(slipId, signal), signal);
      if (stored === null) throw notFound(slipId);
      return unfold(this.#context, stored).slip;
    });
  }

  /** @throws WaybillError `SLIP_NOT_FOUND` */
  loadByCommit(repository: string, commitSha: string, signal?: AbortSignal): Promise<Slip | null> {
    return this.#guard("load", "load slip", null, async () => {
      const { store, repositories } = this.#context;
      const { repository: name } = repositories.plain(repository);
      const sha = normalSha(commitSha);
      const stored = await untilAborted(store.loadByCommit(name, sha, undefined, signal), signal);
      if (stored === null) throw notFound(`${name}@${sha}`);
      return unfold(this.#context, stored).slip;
    });
  }

  /** As the function of this name. */
  createSlipForPush(options: PushOptions, signal?: AbortSignal): Promise<Slip | null> {
    return this.#guard("create", "create slip", null, () => createSlipForPush(this.#context, options, signal));
  }

  /** As the function of this name. */
  resolveSlip(options: ResolveOptions, signal?: AbortSignal): Promise<ResolvedSlip | null> {
    return this.#guard("resolve", "resolve slip", null, () => resolveSlip(this.#context, options, signal));
  }

  startStep(correlationId: string, step: string, component = "", signal?: AbortSignal): Promise<void> {
    return this.updateStepWithStatus(correlationId, step, component, "running", "step started", signal);
  }

  completeStep(correlationId: string, step: string, component = "", signal?: AbortSignal): Promise<void> {
    const message = "step completed successfully";
    return this.updateStepWithStatus(correlationId, step, component, "completed", message, signal);
  }

  failStep(
    correlationId: string,
    step: string,
    component: string,
    reason: string,
    signal?: AbortSignal,
  ): Promise<void> {
    return this.updateStepWithStatus(correlationId, step, component, "failed", reason, signal);
  }

  holdStep(
    correlationId: string,
    step: string,
    component: string,
    waitingFor: string,
    signal?: AbortSignal,
  ): Promise<void> {
    return this.updateStepWithStatus(correlationId, step, component, "held", `waiting for: ${waitingFor}`, signal);
  }

  abortStep(
    correlationId: string,
    step: string,
    component: string,
    reason: string,
    signal?: AbortSignal,
  ): Promise<void> {
    return this.updateStepWithStatus(correlationId, step, component, "aborted", reason, signal);
  }

  timeoutStep(
    correlationId: string,
    step: string,
    component: string,
    reason: string,
    signal?: AbortSignal,
  ): Promise<void> {
    return this.updateStepWithStatus(correlationId, step, component, "timeout", reason, signal);
  }

  updateStepWithStatus(
    correlationId: string,
    step: string,
    component: string,
    status: string,
    message: string,
    signal?: AbortSignal,
  ): Promise<void> {
    return this.updateStepStatus(correlationId, { step, component, status, message }, signal);
  }

  /** The update behind all others: a status, and the entry of the history that tells of it. */
  updateStepStatus(correlationId: string, update: StepUpdate, signal?: AbortSignal): Promise<void> {
    return this.#guard("update_step", `update step ${update.step}`, undefined, () =>
      updateStepOf(this.#context, correlationId, update, signal),
    );
  }

  appendHistory(correlationId: string, entry: StepUpdate, signal?: AbortSignal): Promise<void> {
    return this.#guard("append_history", "append history", undefined, async () => {
      await appendHistory(this.#context, await loadSlip(this.#context, correlationId, signal), entry, signal);
    });
  }

  /** Sets the status of a slip by hand. `in_progress` gives it back to its steps. */
  async updateSlipStatus(
    correlationId: string,
    status: SlipStatus,
    by: { readonly actor?: string; readonly message?: string } = {},
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#setSlip(
      correlationId,
      { status, actor: by.actor ?? ACTORS.library, message: by.message ?? "" },
      signal,
    );
  }

  /**
   * The slip became part of another one. A slip that has ended stays as it is.
   *
   * @returns whether it is promoted to that one now
   */
  promoteSlip(
    correlationId: string,
    targetCorrelationId: string,
    by: { readonly actor?: string } = {},
    signal?: AbortSignal,
  ): Promise<boolean> {
    const message = `promoted to ${targetCorrelationId}`;
    const change = { status: "promoted" as const, promotedTo: targetCorrelationId, message, ...by };
    return this.#setSlip(correlationId, change, signal);
  }

  /** A newer push took its place. A slip that has ended stays as it is. */
  abandonSlip(
    correlationId: string,
    supersededBy: string,
    by: { readonly actor?: string } = {},
    signal?: AbortSignal,
  ): Promise<boolean> {
    return this.#setSlip(
      correlationId,
      { status: "abandoned", message: `superseded by ${supersededBy}`, ...by },
      signal,
    );
  }

  /** Nobody wants it any more. A slip that has ended stays as it is. */
  cancelSlip(
    correlationId: string,
    reason: string,
    by: { readonly actor?: string } = {},
    signal?: AbortSignal,
  ): Promise<boolean> {
    return this.#setSlip(correlationId, { status: "cancelled", message: reason, ...by }, signal);
  }

  #setSlip(
    correlationId: string,
    change: {
      readonly status: SlipStatus;
      readonly promotedTo?: string;
      readonly message: string;
      readonly actor?: string;
    },
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    return this.#guard("update_step", "update slip", false, async () => {
      const loaded = await loadSlip(this.#context, correlationId, signal);
      const { status, promotedTo } = loaded.slip;
      if (status === "promoted" && change.status === "promoted" && promotedTo === change.promotedTo) return true;
      return await updateSlip(this.#context, loaded, change, signal);
    });
  }

  /** Pure: of the slip as it was loaded. */
  checkPrerequisites(slip: Slip, prerequisites: readonly string[], component = ""): PrerequisiteResult {
    return checkPrerequisites(slip, prerequisites, component, this.#context);
  }

  /**
   * Waits until all have completed; an empty list is met without a look at the slip.
   *
   * @throws WaybillError `SLIP_PREREQUISITES_FAILED`, `SLIP_HOLD_TIMED_OUT`, `SLIP_SUPERSEDED`, `SLIP_CANCELLED`
   */
  waitForPrerequisites(
    options: Pick<PreExecutionOptions, "componentName" | "holdTimeoutMs" | "pollIntervalMs"> & {
      readonly correlationId: string;
      readonly prerequisites: readonly string[];
    },
    signal?: AbortSignal,
  ): Promise<void> {
    return this.#guard(null, "check prerequisites", undefined, async () => {
      if (options.prerequisites.every((name) => name.trim() === "")) return;
      const request = holdRequest(this.#context, { ...options, stepName: "" }, options.correlationId);
      await hold(this.#context, request, null, (loaded) => Promise.resolve(loaded), signal);
    });
  }

  /** As the function of this name; in shadow mode it always proceeds. */
  runPreExecution(options: PreExecutionOptions, signal?: AbortSignal): Promise<PreExecutionResult> {
    const none: PreExecutionResult = { outcome: "proceed", slipId: "", correlationId: "", error: null };
    return this.#guard("load", "run the pre-execution", none, () => runPreExecution(this.#context, options, signal));
  }

  /**
   * As `runPreExecution`, with an error where the step is not to go on.
   *
   * @throws WaybillError as `waitForPrerequisites`, and where the slip is not to be had
   */
  async preExecute(
    options: Omit<PreExecutionOptions, keyof ResolveOptions> & { readonly correlationId: string },
    signal?: AbortSignal,
  ): Promise<void> {
    const { error } = await this.runPreExecution({ prerequisites: [], ...options }, signal);
    if (error !== null) throw error;
  }

  /** As the function of this name. */
  runPostExecution(options: PostExecutionOptions, signal?: AbortSignal): Promise<string> {
    return this.#guard("update_step", "run the post-execution", "", () =>
      runPostExecution(this.#context, options, signal),
    );
  }

  async postExecute(
    options: ExecutionOptions,
    hasSucceeded: boolean,
    failureMessage = "",
    signal?: AbortSignal,
  ): Promise<void> {
    const workflowStatus = hasSucceeded ? "Succeeded" : "Failed";
    await this.runPostExecution({ ...options, workflowStatus, failureMessage }, signal);
  }

  /** The one place that decides whether an error blocks. */
  #handleError<None>(error: unknown, none: None): None {
    if (!this.#context.isShadow) throw error;
    this.#context.logger.error(`[SHADOW] ${messageOf(error)}`);
    return none;
  }

  async #guard<Value, None>(
    operation: FailedOperation | null,
    what: string,
    none: None,
    work: () => Promise<Value>,
  ): Promise<Value | None> {
    try {
      return await work();
    } catch (error) {
      if (operation !== null) this.#context.observer.failed?.(operation);
      const isAbort = error instanceof Error && error.name === "AbortError";
      return this.#handleError(isAbort ? error : operationFailed(what, error), none);
    }
  }
}

function positive(value: number | undefined): number | null {
  return value !== undefined && value > 0 ? value : null;
}
