import { EventStream } from "./event-stream.ts";
import type { LiveMessage } from "./live-event.ts";

/**
 * One stream for all tabs of a browser: by HTTP/1.1 it opens six connections to a server at most, and every tab with one
 * of its own would leave none for anything else.
 */
const ports = new Set<MessagePort>();
const stream = new EventStream((message) => {
  for (const port of ports) port.postMessage(message);
});

globalThis.addEventListener("connect", (event) => {
  const [port] = (event as MessageEvent).ports;
  if (port === undefined) return;
  ports.add(port);
  port.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (data === "bye") ports.delete(port);
    else stream.retry();
  });
  port.start();
  port.postMessage({ type: "state", state: stream.state } satisfies LiveMessage);
});

void stream.run();
