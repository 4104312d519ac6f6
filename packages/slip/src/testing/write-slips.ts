import { SlipClient } from "../client.ts";
import type { SlipStore } from "../ports/slip-store.ts";

/** The history entries that each writer adds. */
export const ENTRIES_PER_WRITER = 3;

/** The component that a writer is of. */
export function componentOfWriter(writer: number): string {
  return `svc-${writer}`;
}

/**
 * Several writers at once on one slip, each the pipeline of a component of its own: what several pods do to a slip.
 *
 * @param first number of the first of them
 */
export async function writeSlips(store: SlipStore, correlationId: string, first: number, count: number): Promise<void> {
  const client = new SlipClient({ store });
  const writers = Array.from({ length: count }, async (_, index) => {
    const component = componentOfWriter(first + index);
    await client.startStep(correlationId, "build", component);
    await client.completeStep(correlationId, "build", component);
    await client.completeStep(correlationId, "unit_test", component);
  });
  await Promise.all(writers);
}
