import { WaybillError, type Ids } from "@waybill/core";
import type { Socket } from "node:net";
import { problemOf, PROBLEM_MEDIA_TYPE } from "./problem.ts";
import { securityHeaders } from "./security-headers.ts";

const PHRASES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
};

/**
 * Answers what is no request at all, and ends the connection: where one request ended and another began cannot be known
 * any more, and what follows could be somebody else's.
 */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket, ids: Ids): void {
  // Nobody listens, or an answer is on its way and would be mixed with this one.
  if (!socket.writable || error.code === "ECONNRESET" || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const requestId = ids.next();
  const problem = problemOf(errorOf(error.code), requestId);
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${PHRASES[problem.status] ?? "Bad Request"}`,
    `content-type: ${PROBLEM_MEDIA_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    ...Object.entries(securityHeaders(false)).map(([name, value]) => `${name}: ${value}`),
    "cache-control: no-store",
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/** Answers a connection on which no request came. */
export function answerSilence(socket: Socket, ids: Ids): void {
  answerClientError(Object.assign(new Error(), { code: REQUEST_TIMEOUT }), socket, ids);
}

const REQUEST_TIMEOUT = "ERR_HTTP_REQUEST_TIMEOUT";

function errorOf(code: string | undefined): WaybillError {
  switch (code) {
    case REQUEST_TIMEOUT:
      return new WaybillError("API_REQUEST_TIMED_OUT", {});
    case "HPE_HEADER_OVERFLOW":
      return new WaybillError("API_HEADERS_TOO_LARGE", {});
    default:
      return new WaybillError("API_INVALID", { problem: "it is no HTTP request" });
  }
}
