import type { RunFollower } from "./run-changes.ts";

/** A proxy or browser that hears nothing for longer gives up. */
const HEARTBEAT_MS = 15_000;
/** Where another process drives the run, nothing wakes us. */
const LOOK_MS = 200;

export interface EventPage {
  readonly events: readonly { readonly id: number; readonly type: string; readonly data: unknown }[];
  /** Nothing more will come. */
  readonly isLast: boolean;
}

/**
 * What is stored, and then what comes, as an event stream of the HTML standard, until nothing more can come: `end` is
 * its last event then, so that a client does not connect again.
 *
 * @param read what there is now behind what was read before; called again while it gives anything
 * @param isDrivenHere whether `follower` is told of every change
 */
export async function* serverSentEvents(
  read: () => Promise<EventPage>,
  follower: RunFollower,
  isDrivenHere: () => boolean,
  signal: AbortSignal,
): AsyncGenerator<string> {
  using _ = follower;
  // Something at once: whoever connects knows that it is connected.
  yield "retry: 1000\n\n";
  let silentMs = 0;
  while (!signal.aborted) {
    const seen = follower.version();
    const { events, isLast } = await read();
    if (events.length > 0) {
      silentMs = 0;
      yield events.map(formatEvent).join("");
    } else if (isLast) {
      yield "event: end\ndata: {}\n\n";
      return;
    } else {
      const patience = isDrivenHere() ? HEARTBEAT_MS : LOOK_MS;
      await follower.next(seen, patience, signal);
      if (follower.version() === seen) silentMs += patience;
      if (silentMs >= HEARTBEAT_MS) {
        silentMs = 0;
        yield ": still here\n\n";
      }
    }
  }
}

/** JSON has no line breaks, so `data` is one line. */
function formatEvent({ id, type, data }: EventPage["events"][number]): string {
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
