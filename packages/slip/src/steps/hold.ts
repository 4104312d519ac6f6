import { WaybillError } from "@waybill/core";
import { untilAborted } from "../abortable.ts";
import { loadSlip, type LoadedSlip, type SlipContext } from "../context.ts";
import { HoldTimedOutError, notFound, operationFailed, PrerequisitesFailedError } from "../errors.ts";
import { isGivenUp } from "../statuses.ts";
import { checkPrerequisites, type PrerequisiteResult } from "./prerequisites.ts";

export interface HoldRequest {
  readonly correlationId: string;
  readonly prerequisites: readonly string[];
  /** Of the step that waits; empty: none. */
  readonly component: string;
  /** The step that waits, for metrics; empty: nobody says. */
  readonly step: string;
  readonly holdTimeoutMs: number;
  readonly pollIntervalMs: number;
}

/**
 * Looked at so often though nobody tells of changes, whatever the interval says: within five seconds of the last
 * prerequisite a held step goes on. Half a second of them is for the queries.
 */
const LONGEST_BLIND_MS = 4_500;
const FIRST_DELAY_MS = 250;
/** After a change that was not the one waited for: others may follow it. */
const CHANGED_DELAY_MS = 500;
const GROWTH = 1.5;
/** Delays are up to this part shorter, so that those who began to wait together do not ask together. */
const JITTER = 0.05;

/**
 * Waits until all prerequisites have completed. While nothing changes it asks the store for the slip's version alone,
 * ever less often; who has wake-ups asks as often as the interval says, and at once when it is woken.
 *
 * @param first the slip as it was just loaded; null: it is loaded
 * @param onWaiting told when the step begins to wait, and when what it waits for changes; gives the slip back, with what
 *   it has written itself
 * @returns the slip whose prerequisites are met
 * @throws WaybillError `SLIP_PREREQUISITES_FAILED`, `SLIP_HOLD_TIMED_OUT`, `SLIP_SUPERSEDED`, `SLIP_CANCELLED`,
 *   `SLIP_NOT_FOUND`, `SLIP_OPERATION_FAILED`
 */
export async function hold(
  context: SlipContext,
  request: HoldRequest,
  first: LoadedSlip | null,
  onWaiting: (loaded: LoadedSlip, waiting: readonly string[]) => Promise<LoadedSlip>,
  signal: AbortSignal | undefined,
): Promise<LoadedSlip> {
  const { clock, observer } = context;
  const startedAt = clock.monotonic();
  const deadline = startedAt + request.holdTimeoutMs;
  const pause = new Pause(context, request);
  let waitingFor: string | null = null;
  let isTimedOut = false;
  try {
    for (let loaded = first; ; loaded = null) {
      cancelled(signal, "context cancelled while waiting for prerequisites");
      loaded ??= await load(context, request.correlationId, signal);
      const { slip } = loaded;
      if (isGivenUp(slip.status)) {
        throw new WaybillError("SLIP_SUPERSEDED", { correlationId: slip.correlationId, status: slip.status });
      }
      const result = check(context, request, loaded);
      if (result.hasFailed) throw new PrerequisitesFailedError(result.failed);
      if (result.allMet) return loaded;
      const { running: waiting } = result;
      const elapsed = clock.monotonic() - startedAt;
      if (clock.monotonic() >= deadline) {
        isTimedOut = true;
        throw new HoldTimedOutError(request.holdTimeoutMs, waiting);
      }
      const key = waiting.join(",");
      if (key !== waitingFor) {
        if (waitingFor === null) observer.holdBegan?.(request.step, waiting);
        waitingFor = key;
        loaded = await onWaiting(loaded, waiting);
      }
      const fields = { correlation_id: slip.correlationId, step: request.step, pending: waiting, prereqs_met: false };
      const seconds = { elapsed_seconds: Math.round(elapsed / 1000), timeout_seconds: request.holdTimeoutMs / 1000 };
      context.logger.info("waiting for prerequisites", { ...fields, ...seconds });
      await pause.untilChanged(loaded.stored.version, deadline, signal);
    }
  } finally {
    pause.end();
    if (waitingFor !== null) observer.holdEnded?.(request.step, (clock.monotonic() - startedAt) / 1000, isTimedOut);
  }
}

export function check(context: SlipContext, request: HoldRequest, { slip }: LoadedSlip): PrerequisiteResult {
  const startedAt = context.clock.monotonic();
  const result = checkPrerequisites(slip, request.prerequisites, request.component, context);
  context.observer.prerequisitesChecked?.(request.step, result.status, (context.clock.monotonic() - startedAt) / 1000);
  return result;
}

async function load(context: SlipContext, correlationId: string, signal: AbortSignal | undefined): Promise<LoadedSlip> {
  try {
    return await loadSlip(context, correlationId, signal);
  } catch (error) {
    cancelled(signal, "context cancelled while waiting for prerequisites");
    throw operationFailed("load slip", error);
  }
}

function cancelled(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted === true) throw new WaybillError("SLIP_CANCELLED", { what }, { cause: signal.reason });
}

/** The waiting between two looks at a slip. */
class Pause {
  readonly #context: SlipContext;
  readonly #request: HoldRequest;
  readonly #ceilingMs: number;
  readonly #end: () => void;
  #delayMs = FIRST_DELAY_MS;
  /** A change was told of that nobody has looked for yet. */
  #isWoken = false;
  #wake: (() => void) | null = null;

  constructor(context: SlipContext, request: HoldRequest) {
    this.#context = context;
    this.#request = request;
    const { pollIntervalMs } = request;
    this.#ceilingMs = context.wakeUps === null ? Math.min(pollIntervalMs, LONGEST_BLIND_MS) : pollIntervalMs;
    this.#end =
      context.wakeUps?.subscribe(request.correlationId, () => {
        this.#isWoken = true;
        this.#wake?.();
      }) ?? ((): void => undefined);
  }

  end(): void {
    this.#end();
  }

  /** @param version of the slip that was looked at last */
  async untilChanged(version: string, deadline: number, signal: AbortSignal | undefined): Promise<void> {
    const { clock, store, random } = this.#context;
    for (;;) {
      const left = deadline - clock.monotonic();
      if (left <= 0) return;
      const delay = Math.min(this.#delayMs, this.#ceilingMs) * (1 - JITTER * random.next());
      await this.#sleep(Math.min(delay, left), signal);
      // Even where nothing has changed, what is said at the end is what is there then.
      if (clock.monotonic() >= deadline) return;
      this.#isWoken = false;
      let now: string | null;
      try {
        now = await untilAborted(store.version(this.#request.correlationId, signal), signal);
      } catch (error) {
        cancelled(signal, "context cancelled during wait");
        throw operationFailed("load slip", error);
      }
      if (now === null) throw notFound(this.#request.correlationId);
      if (now !== version) {
        this.#delayMs = CHANGED_DELAY_MS;
        return;
      }
      this.#delayMs = Math.min(this.#delayMs * GROWTH, this.#ceilingMs);
    }
  }

  async #sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    cancelled(signal, "context cancelled during wait");
    if (this.#isWoken) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#context.clock.setTimer(milliseconds, resolve);
    this.#wake = resolve;
    const abort = (): void => resolve();
    signal?.addEventListener("abort", abort, { once: true });
    await promise;
    signal?.removeEventListener("abort", abort);
    this.#wake = null;
    timer.cancel();
    cancelled(signal, "context cancelled during wait");
  }
}
