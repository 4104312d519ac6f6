import { untilAborted } from "./abortable.ts";
import { operationFailed } from "./errors.ts";

/** A store that cannot answer is not one that has nothing. */
export async function fromStore<Value>(work: () => Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  try {
    return await untilAborted(work(), signal);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw operationFailed("query slips", error);
  }
}
