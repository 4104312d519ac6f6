import { EventStream } from "./event-stream.ts";
import type { ConnectionState, LiveEvent } from "./live-event.ts";
import type { LiveMessage } from "./live-event.ts";

export interface LiveListener {
  /** What was read before may be old. */
  readonly onFresh: () => void;
  readonly onEvents: (events: readonly LiveEvent[]) => void;
}

/** The page's end of the stream of events. */
export class Connection {
  #state: ConnectionState = "connecting";
  readonly #watchers = new Set<() => void>();
  readonly #listeners = new Set<LiveListener>();
  #retry: () => void = () => undefined;

  constructor() {
    if ("SharedWorker" in globalThis) this.#share();
    else this.#ownStream();
    globalThis.addEventListener("online", () => this.retry());
  }

  readonly state = (): ConnectionState => this.#state;

  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  listen(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  retry(): void {
    this.#retry();
  }

  #share(): void {
    const worker = new SharedWorker(new URL("./shared-worker.ts", import.meta.url), {
      type: "module",
      name: "waybill-events",
    });
    const { port } = worker;
    port.addEventListener("message", ({ data }: MessageEvent<LiveMessage>) => this.#take(data));
    port.start();
    this.#retry = () => port.postMessage("retry");
    globalThis.addEventListener("pagehide", () => port.postMessage("bye"));
    // A page that comes back from the browser's memory was told nothing meanwhile.
    globalThis.addEventListener("pageshow", ({ persisted }) => {
      if (persisted) globalThis.location.reload();
    });
  }

  #ownStream(): void {
    const stream = new EventStream((message) => this.#take(message));
    this.#retry = () => stream.retry();
    void stream.run();
  }

  #take(message: LiveMessage): void {
    switch (message.type) {
      case "state":
        if (message.state === this.#state) return;
        this.#state = message.state;
        for (const watcher of this.#watchers) watcher();
        return;
      case "fresh":
        for (const { onFresh } of this.#listeners) onFresh();
        return;
      case "events":
        for (const { onEvents } of this.#listeners) onEvents(message.events);
    }
  }
}
