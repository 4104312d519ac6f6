import type { ConnectionState, LiveEvent, LiveMessage } from "./live-event.ts";
import { parseStream } from "./parse-stream.ts";

const EVENTS = "/v1/events";
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** The server says something every 15 s: who hears nothing for longer is not connected. */
const SILENCE_MS = 40_000;

/**
 * The stream of all events, held open for as long as it is wanted. When it is cut it goes on behind the last event that
 * came. It knows no page: a shared worker runs it for all tabs, or where there are none, the page itself.
 */
export class EventStream {
  readonly #tell: (message: LiveMessage) => void;
  #state: ConnectionState = "connecting";
  #lastId: string | null = null;
  #aborter = new AbortController();
  #wake: () => void = () => undefined;

  constructor(tell: (message: LiveMessage) => void) {
    this.#tell = tell;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Resolves when `stop` was called. */
  async run(): Promise<void> {
    const { signal } = this.#aborter;
    for (let waitMs = FIRST_WAIT_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        const response = await this.#connect(signal);
        if (response.status === 401 || response.status === 403) {
          this.#become("signed-out");
          // Until somebody signs in.
          waitMs = FIRST_WAIT_MS;
          await this.#pause(null);
          continue;
        }
        if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
        if (this.#lastId === null) this.#tell({ type: "fresh" });
        this.#become("live");
        waitMs = FIRST_WAIT_MS;
        await this.#read(response.body, signal);
      } catch {
        // Whatever it was, the next attempt says whether it has passed.
      }
      if (signal.aborted) return;
      this.#become("lost");
      await this.#pause(waitMs + Math.random() * waitMs);
    }
  }

  /** Tries at once: somebody signed in, or the network is back. */
  retry(): void {
    this.#wake();
  }

  stop(): void {
    this.#aborter.abort();
    this.#wake();
  }

  async #connect(signal: AbortSignal): Promise<Response> {
    const resume: Record<string, string> = this.#lastId === null ? {} : { "last-event-id": this.#lastId };
    return await fetch(EVENTS, { headers: { accept: "text/event-stream", ...resume }, cache: "no-store", signal });
  }

  async #read(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<void> {
    const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
    let text = "";
    while (!signal.aborted) {
      const chunk = await within(SILENCE_MS, reader.read(), () => void reader.cancel());
      if (chunk.done) return;
      const { events, rest } = parseStream(text + chunk.value);
      text = rest;
      if (events.length > 0) this.#deliver(events);
    }
  }

  #deliver(events: readonly LiveEvent[]): void {
    this.#lastId = events.findLast(({ id }) => id !== "")?.id ?? this.#lastId;
    this.#tell({ type: "events", events });
  }

  #become(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#tell({ type: "state", state });
  }

  /** @param ms null: until `retry` */
  async #pause(ms: number | null): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = ms === null ? null : setTimeout(resolve, ms);
      this.#wake = () => {
        if (timer !== null) clearTimeout(timer);
        resolve();
      };
    });
  }
}

async function within<Value>(ms: number, work: Promise<Value>, giveUp: () => void): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      giveUp();
      reject(new Error("silence"));
    }, ms);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}
