import { WaybillError } from "@waybill/core";
import { applyInput } from "../machine/apply-input.ts";
import { endCause } from "../machine/end-cause.ts";
import { restoreRunState } from "../machine/restore-run-state.ts";
import { NO_SERVICES } from "../machine/service-health.ts";
import { Transition } from "../machine/transition.ts";
import type { RunRecord } from "../ports/run-store.ts";
import { isSettled } from "../statuses.ts";
import { clearRun } from "./clear-leftovers.ts";
import { lastTime, loadRun } from "./load-run.ts";
import type { EnginePorts } from "./request.ts";
import { SteadyClock } from "./steady-clock.ts";

/** As `Engine.cancel`. */
export async function cancelRun(
  ports: EnginePorts,
  run: RunRecord,
  reason: "user" | "superseded",
): Promise<"requested" | "cancelled"> {
  const { store, clock } = ports;
  const claim = await store.claim(run.id);
  if (claim === null) {
    if (reason === "user") await store.requestCancel(run.id, clock.now());
    return "requested";
  }
  let isCleared = false;
  try {
    // As it is now that nobody else changes it any more.
    const record = await store.find(run.id);
    const isOver = record === null || isSettled(record.status);
    if (!isOver) await settle(ports, record, reason);
    await clearRun(ports, run.id);
    isCleared = true;
    if (isOver) throw new WaybillError("RUN_OVER", { run: run.number, status: record?.status ?? "gone" });
    return "cancelled";
  } finally {
    await claim.release(isCleared);
  }
}

/** Nothing starts any more, so nothing is asked of executors and conditions. */
async function settle(
  { store, clock, ids, random }: EnginePorts,
  record: RunRecord,
  reason: "user" | "superseded",
): Promise<void> {
  const stored = await loadRun(store, record);
  const now = new SteadyClock(clock, lastTime(stored)).now();
  const { state, input } = restoreRunState(stored, 1, now);
  const transition = new Transition(state, now, {
    ids,
    random,
    chooseExecutor: () => ({ executor: "", reason: "" }),
    health: NO_SERVICES,
    conditionHolds: () => false,
  });
  // A run that had not begun begins, so that its history has a beginning; with its end in the same transition.
  const cause = endCause(reason, stored.definition);
  state.ending ??= cause;
  if (input.type === "start") applyInput(transition, input);
  applyInput(transition, { type: "abandon", cause });
  await store.commit(record.id, transition.change());
}
