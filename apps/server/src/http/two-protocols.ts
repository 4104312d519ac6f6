import { systemClock, type Timer } from "@waybill/core";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import {
  constants,
  createServer as createHttp2Server,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";

export interface ProtocolLimits {
  /** Milliseconds for a request to arrive whole; half of it for its headers. */
  readonly requestTimeoutMs: number;
  /** Milliseconds a connection is kept without a request. */
  readonly keepAliveMs: number;
  /** Answers a connection of which nothing came in time, and ends it. */
  readonly onSilence: (socket: Socket) => void;
}

/** What a client of HTTP/2 begins with where it knows that the server speaks it (RFC 9113, section 3.4). */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** Requests that one connection may have under way. */
const MAX_STREAMS = 100;
/** As much as Node takes at HTTP/1.1. */
const MAX_HEADER_BYTES = 16_384;
/**
 * Requests that a client may call off at once, and then each second: beyond, its connection is ended. A request costs
 * more to begin than to call off, so no limit of those under way bounds that.
 */
const RESET_BURST = 200;
const RESETS_PER_SECOND = 20;

/** For the rest of a request that is answered already. */
const ANSWERED_MS = 500;

/**
 * HTTP/1.1 and, for clients that begin with its preface, HTTP/2, on the same port without TLS. gRPC needs HTTP/2 from
 * one end to the other; all else is answered there as well, by the same handler and with the same limits.
 */
export class TwoProtocols {
  readonly #limits: ProtocolLimits;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #undecided = new Set<Socket>();
  #isClosing = false;

  constructor(limits: ProtocolLimits) {
    this.#limits = limits;
  }

  /** It does not listen yet. */
  createServer(handler: RequestListener): Server {
    const { requestTimeoutMs, keepAliveMs } = this.#limits;
    const server = createServer(
      {
        requestTimeout: requestTimeoutMs,
        // Headers are a small part of a request.
        headersTimeout: requestTimeoutMs / 2,
        // Node looks at connections so often only: otherwise a time-out is half a minute late.
        connectionsCheckingInterval: requestTimeoutMs / 10,
        keepAliveTimeout: keepAliveMs,
        maxHeaderSize: MAX_HEADER_BYTES,
      },
      handler,
    );
    const http2 = this.#createHttp2Server(handler);
    // What Node itself does with a new connection waits until it is known to speak HTTP/1.1.
    const serveHttp1 = server.listeners("connection") as ((this: Server, socket: Socket) => void)[];
    server.removeAllListeners("connection");
    server.on("connection", (socket: Socket) => {
      this.#tellProtocol(socket, (isHttp2) => {
        if (isHttp2) http2.emit("connection", socket);
        else for (const serve of serveHttp1) serve.call(server, socket);
      });
    });
    return server;
  }

  /** Takes no more requests over HTTP/2; those that are under way go on to their end. */
  close(): void {
    this.#isClosing = true;
    for (const session of this.#sessions) session.close();
    for (const socket of this.#undecided) socket.destroy();
  }

  /** Reads as little of a connection as tells its protocol, and gives it back. */
  #tellProtocol(socket: Socket, decide: (isHttp2: boolean) => void): void {
    let seen = Buffer.alloc(0);
    const forget = (): void => {
      timer.cancel();
      this.#undecided.delete(socket);
      socket.off("readable", look).off("end", giveUp).off("error", giveUp).off("close", forget);
    };
    const giveUp = (): void => {
      forget();
      socket.destroy();
    };
    const look = (): void => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      seen = Buffer.concat([seen, chunk]);
      const length = Math.min(seen.length, PREFACE.length);
      const isLike = seen.subarray(0, length).equals(PREFACE.subarray(0, length));
      if (isLike && length < PREFACE.length) return;
      forget();
      socket.unshift(seen);
      decide(isLike);
    };
    const timer = systemClock.setTimer(this.#limits.requestTimeoutMs / 2, () => {
      forget();
      this.#limits.onSilence(socket);
    });
    this.#undecided.add(socket);
    socket.on("readable", look).once("end", giveUp).once("error", giveUp).once("close", forget);
  }

  #createHttp2Server(handler: RequestListener): Http2Server {
    const server = createHttp2Server({
      settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: MAX_HEADER_BYTES, enablePush: false },
      streamResetBurst: RESET_BURST,
      streamResetRate: RESETS_PER_SECOND,
    });
    server.on("session", (session) => this.#watchSession(session));
    // What clients do wrong ends their connection, and is none of our errors.
    server.on("sessionError", () => undefined);
    server.on("request", (request, response) => {
      // Node holds clients to the limit once they have confirmed it, which they need not do.
      const size = request.rawHeaders.reduce((sum, text) => sum + text.length, 0);
      if (size > MAX_HEADER_BYTES) return response.stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
      // Requests and responses of both protocols have what Fastify needs of them.
      handler(request as unknown as IncomingMessage, response as unknown as ServerResponse);
    });
    return server;
  }

  /** A connection must have a request within the time for headers, and another one before it has been idle for long. */
  #watchSession(session: ServerHttp2Session): void {
    const { requestTimeoutMs, keepAliveMs } = this.#limits;
    let idle: Timer = systemClock.setTimer(requestTimeoutMs / 2, () => session.close());
    let streams = 0;
    this.#sessions.add(session);
    if (this.#isClosing) session.close();
    session.on("error", () => undefined);
    session.once("close", () => {
      idle.cancel();
      this.#sessions.delete(session);
    });
    session.on("stream", (stream: ServerHttp2Stream, _headers: unknown, flags: number) => {
      streams += 1;
      idle.cancel();
      const isWhole = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      let arrival: Timer | null = null;
      if (!isWhole) {
        arrival = systemClock.setTimer(requestTimeoutMs, () => endIncomplete(stream));
        stream.once("finish", () => {
          arrival?.cancel();
          arrival = systemClock.setTimer(ANSWERED_MS, () => endAnswered(stream));
        });
      }
      stream.once("close", () => {
        arrival?.cancel();
        streams -= 1;
        if (streams === 0 && !session.destroyed) idle = systemClock.setTimer(keepAliveMs, () => session.close());
      });
    });
  }
}

function endIncomplete(stream: ServerHttp2Stream): void {
  // What has arrived and waits to be read is not the client's doing.
  if (isReceiving(stream)) stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
}

/** Nobody wants the rest of a request that has its answer. Neither read nor ended, it would hold its connection open. */
function endAnswered(stream: ServerHttp2Stream): void {
  const isSending = stream.state.state === constants.NGHTTP2_STREAM_STATE_HALF_CLOSED_REMOTE;
  if (!isSending) stream.destroy();
}

function isReceiving({ state }: ServerHttp2Stream): boolean {
  const { NGHTTP2_STREAM_STATE_OPEN, NGHTTP2_STREAM_STATE_HALF_CLOSED_LOCAL } = constants;
  return state.state === NGHTTP2_STREAM_STATE_OPEN || state.state === NGHTTP2_STREAM_STATE_HALF_CLOSED_LOCAL;
}
