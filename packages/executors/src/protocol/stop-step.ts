import type { Clock } from "@waybill/core";
import type { Execution } from "./execution.ts";

/** How often the processes that outlive the step's shell are looked for: each look reads the process table. */
const LOOK_INTERVAL_MS = 100;

/** The same while the shell runs, which is looked at with every tick of 20 ms. */
const CHANGES_PER_LOOK = 5;

/** How long the supervisor may take to record the end of a step that was killed. */
const RECORD_PATIENCE_MS = 5_000;

/**
 * Ends the running step of an execution, if there is one.
 *
 * Resolves when no process but the supervisor is left, at the latest just after the SIGKILL. That may be later than
 * the end of the step itself, which is the end of its shell: what the shell started has its grace too.
 */
export async function stopStep(execution: Execution, graceMs: number, clock: Clock): Promise<void> {
  const { control } = execution.place;
  const key = execution.isConnected ? execution.runningStep : control.findRunningStep();
  if (key === null || execution.goneBecause !== null) return;
  let graceOver = false;
  const { promise: grace, resolve: endGrace } = Promise.withResolvers<void>();
  const timer = clock.setTimer(graceMs, () => {
    graceOver = true;
    endGrace();
  });
  try {
    // The supervisor ignores signals; one that comes before the step undid that for itself would be lost.
    while (!graceOver && !control.obeysSignals(key) && isRunning(execution, key)) {
      await Promise.race([grace, execution.change()]);
    }
    if (!graceOver && isRunning(execution, key)) {
      control.writeStop(key, "SIGTERM");
      await execution.supervisor.terminate();
    }
    for (let changes = 1; !graceOver && isRunning(execution, key); changes += 1) {
      await Promise.race([grace, execution.change()]);
      if (changes % CHANGES_PER_LOOK === 0) await execution.supervisor.terminate();
    }
    while (!graceOver && (await execution.supervisor.hasProcesses())) {
      await execution.supervisor.terminate();
      await Promise.race([grace, delay(clock, LOOK_INTERVAL_MS)]);
    }
    if (!graceOver) return;
    if (isRunning(execution, key)) control.writeStop(key, "SIGKILL");
    await execution.supervisor.kill();
    await untilRecorded(execution, key, clock);
  } finally {
    timer.cancel();
  }
}

/**
 * On a full disk a supervisor waits for room to record the end of a step. Once the step was killed nothing is worth
 * that wait: it would outlast every time-out, so the execution counts as lost instead.
 */
async function untilRecorded(execution: Execution, key: string, clock: Clock): Promise<void> {
  const timer = clock.setTimer(RECORD_PATIENCE_MS, () => {
    if (isRunning(execution, key))
      execution.gone("the end of the killed step could not be recorded: is the disk full?");
  });
  try {
    while (isRunning(execution, key)) await execution.change();
  } finally {
    timer.cancel();
  }
}

function isRunning(execution: Execution, key: string): boolean {
  if (execution.goneBecause !== null) return false;
  if (execution.isConnected) return execution.runningStep === key;
  return execution.place.control.readEnd(key).type === "open" && execution.supervisor.isAlive();
}

async function delay(clock: Clock, ms: number): Promise<void> {
  await new Promise<void>((resolve) => void clock.setTimer(ms, resolve));
}
