/**
 * File operations under way at once. The platform runs them on four threads; a few more keep those busy while
 * results travel back.
 */
const IN_FLIGHT = 16;

/** Runs `work` on every item, a bounded number at a time. After a failure no further item is begun. */
export async function forEachParallel<Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<void>,
  inFlight: number = IN_FLIGHT,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failed = false;
  async function worker(): Promise<void> {
    for (let next = iterator.next(); !failed && next.done !== true; next = iterator.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  }
  // All of them, so that nothing is still being written when the caller cleans up.
  const outcomes = await Promise.allSettled(Array.from({ length: inFlight }, worker));
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}
