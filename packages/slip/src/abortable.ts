import type { Clock } from "@waybill/core";

/** Waits, but no longer than until the signal is aborted: its reason is thrown then, and the work goes on unheard. */
export async function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return await work;
  work.catch(() => undefined);
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** A signal that is aborted after some time. `dispose` where it is not needed any more. */
export function deadlineSignal(clock: Clock, milliseconds: number): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const timer = clock.setTimer(milliseconds, () => controller.abort(new Error("it took too long")));
  return { signal: controller.signal, dispose: () => timer.cancel() };
}
