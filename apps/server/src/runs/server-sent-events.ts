import type { RunFollower } from "./run-changes.ts";

/** A proxy or browser that hears nothing for longer gives up. */
const HEARTBEAT_MS = 15_000;
/** Where another process drives the run, nothing may wake us. */
const LOOK_MS = 200;
/** The same where it tells us: in case that got lost. */
const RARE_LOOK_MS = 2_000;

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
  for await (const events of followPages(read, follower, isDrivenHere, signal)) {
    yield events.length === 0 ? ": still here\n\n" : events.map(formatEvent).join("");
  }
  if (!signal.aborted) yield "event: end\ndata: {}\n\n";
}

/**
 * What is stored, and then what comes, until nothing more can come or the signal is aborted. A page without events says
 * after a while of silence that there still is none.
 */
export async function* followPages(
  read: () => Promise<EventPage>,
  follower: RunFollower,
  isDrivenHere: () => boolean,
  signal: AbortSignal,
): AsyncGenerator<EventPage["events"]> {
  let silentMs = 0;
  while (!signal.aborted) {
    const seen = follower.version();
    const { events, isLast } = await read();
    if (events.length > 0) {
      silentMs = 0;
      yield events;
    } else if (isLast) {
      return;
    } else {
      const patience = isDrivenHere() ? HEARTBEAT_MS : follower.patience(LOOK_MS, RARE_LOOK_MS);
      await follower.next(seen, patience, signal);
      if (follower.version() === seen) silentMs += patience;
      if (silentMs >= HEARTBEAT_MS) {
        silentMs = 0;
        yield [];
      }
    }
  }
}

/** JSON has no line breaks, so `data` is one line. */
function formatEvent({ id, type, data }: EventPage["events"][number]): string {
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
