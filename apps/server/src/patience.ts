import type { Clock, Timer } from "@waybill/core";

/** Waits for something, but no longer than that: milliseconds. */
export async function within(clock: Clock, patienceMs: number, work: Promise<unknown>): Promise<void> {
  let timer: Timer | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = clock.setTimer(patienceMs, resolve);
  });
  await Promise.race([work, patience]);
  timer?.cancel();
}
