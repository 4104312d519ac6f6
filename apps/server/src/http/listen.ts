import { systemClock, WaybillError } from "@waybill/core";
import type { FastifyInstance } from "fastify";
import type { Socket } from "node:net";
import type { Settings } from "../settings/settings.ts";
import { buildHttp, type HttpOptions } from "./build-http.ts";

export interface Listener {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Accepts nothing more, and resolves when the requests that are under way are answered, after 30 s at the latest. */
  stop(): Promise<void>;
}

/** For requests that are under way at shutdown. */
const DRAIN_MS = 30_000;
const SWEEP_MS = 50;

/** @throws WaybillError `SERVER_CANNOT_LISTEN` */
export async function listen(options: HttpOptions, { host, port }: Settings["listen"]): Promise<Listener> {
  const app = buildHttp(options);
  const connections = new Set<Socket>();
  app.server.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  try {
    const url = await app.listen({ host, port });
    return { url, stop: () => closeWithin(app, connections, DRAIN_MS) };
  } catch (cause) {
    await app.close();
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new WaybillError("SERVER_CANNOT_LISTEN", { address: `${host}:${port}`, detail }, { cause });
  }
}

async function closeWithin(app: FastifyInstance, connections: ReadonlySet<Socket>, patienceMs: number): Promise<void> {
  const closed = app.close();
  const patience = systemClock.setTimer(patienceMs, () => {
    for (const socket of connections) socket.destroy();
  });
  // Connections become idle one after the other, and would be kept for a next request.
  const sweep = setInterval(() => {
    app.server.closeIdleConnections();
    // Those that browsers and clients open for a request that never comes are not idle to Node.
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  }, SWEEP_MS);
  try {
    await closed;
  } finally {
    clearInterval(sweep);
    patience.cancel();
  }
}
