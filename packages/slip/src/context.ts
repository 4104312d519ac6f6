import type { Clock, Ids, Random } from "@waybill/core";
import { untilAborted } from "./abortable.ts";
import { notFound } from "./errors.ts";
import type { CommitGraph } from "./ports/commit-graph.ts";
import type { SlipLogger } from "./ports/logger.ts";
import type { SlipObserver } from "./ports/observer.ts";
import type { SlipStore, StoredSlip } from "./ports/slip-store.ts";
import type { WakeUps } from "./ports/wake-ups.ts";
import type { RepositoryFilter } from "./repositories/filter.ts";
import type { Repositories } from "./repositories/identity.ts";
import type { Route } from "./route/route.ts";
import type { Slip } from "./slip.ts";
import { foldSlip } from "./state/fold.ts";

export interface LineageSettings {
  /** Commits looked at first, and where no ancestor is among them. */
  readonly depth: number;
  readonly maxDepth: number;
  /** Ancestors kept on a slip, the nearest; 0: all. */
  readonly chainLimit: number;
  /** Promotes what a message names though it was never merged. */
  readonly acceptsUnmerged: boolean;
  /** Promotes and abandons slips under other names of the repository too. */
  readonly isAcrossRepositories: boolean;
}

/** What every operation of a client works with. */
export interface SlipContext {
  readonly store: SlipStore;
  readonly graph: CommitGraph | null;
  readonly repositories: Repositories;
  readonly route: Route;
  readonly clock: Clock;
  readonly random: Random;
  readonly slipIds: Ids;
  readonly eventIds: Ids;
  readonly logger: SlipLogger;
  readonly observer: SlipObserver;
  readonly wakeUps: WakeUps | null;
  readonly filter: RepositoryFilter;
  readonly lineage: LineageSettings;
  readonly holdTimeoutMs: number;
  readonly pollIntervalMs: number;
  readonly isEnabled: boolean;
  readonly isShadow: boolean;
}

/** A slip and what it follows from. */
export interface LoadedSlip {
  readonly slip: Slip;
  readonly stored: StoredSlip;
}

/** @throws WaybillError `SLIP_NOT_FOUND` */
export async function loadSlip(
  context: SlipContext,
  correlationId: string,
  signal: AbortSignal | undefined,
): Promise<LoadedSlip> {
  const stored = await untilAborted(context.store.load(correlationId, signal), signal);
  if (stored === null) throw notFound(correlationId);
  return unfold(context, stored);
}

export function unfold(context: SlipContext, stored: StoredSlip): LoadedSlip {
  return { stored, slip: foldSlip(stored.header, stored.events, context.route) };
}
