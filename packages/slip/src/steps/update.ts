import { WaybillError } from "@waybill/core";
import { untilAborted } from "../abortable.ts";
import { loadSlip, unfold, type LoadedSlip, type SlipContext } from "../context.ts";
import { operationFailed } from "../errors.ts";
import type { AppendedVersions } from "../ports/slip-store.ts";
import { findStep, isComponentStep, stepNames } from "../route/route.ts";
import { ACTORS, getStep, type Slip } from "../slip.ts";
import type { SlipEvent } from "../state/events.ts";
import {
  isSlipStatus,
  isStepStatus,
  isTerminalSlip,
  isTerminalStep,
  SLIP_STATUSES,
  STEP_STATUSES,
} from "../statuses.ts";
import { MAX_MESSAGE, MAX_NAME, storable } from "../texts.ts";

/** A change of a step. */
export interface StepUpdate {
  readonly step: string;
  /** Empty: the step as a whole. */
  readonly component: string;
  readonly status: string;
  readonly message: string;
  /** Default: `slippy-library`. */
  readonly actor?: string;
}

/**
 * Adds a change of a step, and with it its entry of the history, to what happened to a slip. What it means for
 * aggregates and for the slip follows from it.
 *
 * @returns the slip as it is then, for all that is known here
 * @throws WaybillError `SLIP_STEP_UNKNOWN`, `SLIP_COMPONENT_UNKNOWN`, `SLIP_STATUS_UNKNOWN`, `SLIP_OPERATION_FAILED`
 */
export async function updateStep(
  context: SlipContext,
  loaded: LoadedSlip,
  update: StepUpdate,
  signal: AbortSignal | undefined,
): Promise<LoadedSlip> {
  const { step, component, status } = update;
  if (!isStepStatus(status)) {
    throw new WaybillError("SLIP_STATUS_UNKNOWN", { status: clipped(status), known: STEP_STATUSES.join(", ") });
  }
  checkStep(context, loaded.slip, step, component);
  const event = newEvent(context, { kind: "step", step, component, status, ...texts(update) });
  const after = await add(context, loaded, event, `update step ${step}`, signal);
  const before = stepStatus(loaded.slip, step, component);
  if (isTerminalStep(status) && !isTerminalStep(before)) {
    const startedAt = getStep(loaded.slip, step)?.startedAt ?? null;
    context.observer.stepEnded?.(step, status, startedAt === null ? null : seconds(event.time - startedAt));
  }
  return after;
}

/** Adds an entry to the history, without effect on a step. */
export async function appendHistory(
  context: SlipContext,
  loaded: LoadedSlip,
  update: StepUpdate,
  signal: AbortSignal | undefined,
): Promise<LoadedSlip> {
  const { step, component, status } = update;
  if (!isStepStatus(status)) {
    throw new WaybillError("SLIP_STATUS_UNKNOWN", { status: clipped(status), known: STEP_STATUSES.join(", ") });
  }
  const named = { step: storable(step, MAX_NAME), component: storable(component, MAX_NAME) };
  const event = newEvent(context, { kind: "note", ...named, status, ...texts(update) });
  return await add(context, loaded, event, "append history", signal);
}

/**
 * Sets the status of a slip as a whole. Promoting, abandoning and cancelling are refused, by the log alone, where the
 * slip has ended: whoever was first has decided.
 *
 * @returns whether it has this status now because of this call
 */
export async function updateSlip(
  context: SlipContext,
  loaded: LoadedSlip,
  change: { readonly status: string; readonly promotedTo?: string; readonly message: string; readonly actor?: string },
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { status, promotedTo = "" } = change;
  const { slip } = loaded;
  if (!isSlipStatus(status)) {
    throw new WaybillError("SLIP_STATUS_UNKNOWN", { status: clipped(status), known: SLIP_STATUSES.join(", ") });
  }
  const isEnding = status === "promoted" || status === "abandoned" || status === "cancelled";
  const isEnded = slip.status === "promoted" || slip.status === "abandoned" || slip.status === "cancelled";
  if (isEnding ? isTerminalSlip(slip.status) : isEnded) {
    const fields = { correlation_id: slip.correlationId, status: slip.status, wanted: status };
    context.logger.info("the slip has ended already, nothing is changed", fields);
    return false;
  }
  const event = newEvent(context, { kind: "slip", step: "", component: "", status, promotedTo, ...texts(change) });
  const after = await add(context, loaded, event, "update slip", signal);
  return after.slip.status === status;
}

/** Begins the first step anew. */
export async function retrySlip(
  context: SlipContext,
  loaded: LoadedSlip,
  step: string,
  signal: AbortSignal | undefined,
): Promise<LoadedSlip> {
  const message = `retry detected, resetting ${step}`;
  const event = newEvent(context, { kind: "retry", step, component: "", status: "running", message });
  return await add(context, loaded, event, `reset ${step}`, signal);
}

export function newEvent(
  { eventIds, clock }: SlipContext,
  event: Omit<SlipEvent, "id" | "time" | "actor" | "promotedTo"> & Partial<Pick<SlipEvent, "actor" | "promotedTo">>,
): SlipEvent {
  return { actor: ACTORS.library, promotedTo: "", ...event, id: eventIds.next(), time: clock.now() };
}

async function add(
  context: SlipContext,
  loaded: LoadedSlip,
  event: SlipEvent,
  what: string,
  signal: AbortSignal | undefined,
): Promise<LoadedSlip> {
  const { stored, slip } = loaded;
  let versions: AppendedVersions;
  try {
    versions = await untilAborted(context.store.append(slip.slipId, [event], signal), signal);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw operationFailed(what, error);
  }
  // Others may have added to it meanwhile: the version then stays one that is over. They count what follows from theirs.
  const version = versions.before === stored.version ? versions.after : stored.version;
  const after = unfold(context, { ...stored, events: [...stored.events, event], version });
  if (isTerminalSlip(after.slip.status) && after.slip.status !== slip.status) {
    const { repository, status } = after.slip;
    context.observer.slipEnded?.(repository, status, seconds(event.time - slip.createdAt));
    context.logger.info(`the slip is ${status}`, { correlation_id: slip.correlationId, slip_id: slip.slipId, status });
  }
  return after;
}

/** @throws WaybillError `SLIP_STEP_UNKNOWN`, `SLIP_COMPONENT_UNKNOWN` */
export function checkStep({ route }: SlipContext, slip: Slip, step: string, component: string): void {
  if (findStep(route, step) === null) {
    throw new WaybillError("SLIP_STEP_UNKNOWN", { step: clipped(step), known: stepNames(route).join(", ") });
  }
  // A push that named no components has left open which there are.
  if (!isComponentStep(route, step) || slip.components.length === 0) return;
  if (slip.components.some(({ name }) => name === component)) return;
  const known = slip.components.map(({ name }) => name).join(", ");
  throw new WaybillError("SLIP_COMPONENT_UNKNOWN", { step, component: clipped(component), known });
}

export function stepStatus(slip: Slip, step: string, component: string): string {
  return (
    slip.components.find(({ name }) => name === component)?.statuses[step] ?? getStep(slip, step)?.status ?? "pending"
  );
}

/** For operations that are given the key of a slip. */
export async function updateStepOf(
  context: SlipContext,
  correlationId: string,
  update: StepUpdate,
  signal: AbortSignal | undefined,
): Promise<void> {
  await updateStep(context, await loadSlip(context, correlationId, signal), update, signal);
}

function texts({ message, actor = ACTORS.library }: { readonly message: string; readonly actor?: string }): {
  readonly message: string;
  readonly actor: string;
} {
  return { message: storable(message, MAX_MESSAGE), actor: storable(actor, MAX_NAME) };
}

function clipped(text: string): string {
  return storable(text, 100);
}

function seconds(milliseconds: number): number {
  return Math.max(0, milliseconds) / 1000;
}
