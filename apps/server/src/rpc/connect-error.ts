import { Code, ConnectError } from "@connectrpc/connect";
import { problemOf } from "../http/problem.ts";

const CODES: Readonly<Record<number, Code>> = {
  400: Code.InvalidArgument,
  401: Code.Unauthenticated,
  403: Code.PermissionDenied,
  404: Code.NotFound,
  409: Code.FailedPrecondition,
  413: Code.ResourceExhausted,
  415: Code.InvalidArgument,
  422: Code.FailedPrecondition,
  429: Code.ResourceExhausted,
  502: Code.Unavailable,
  503: Code.Unavailable,
};

/** The same that the REST API says of an error; its code is in the metadata `waybill-code`. */
export function connectErrorOf(error: unknown, requestId: string): ConnectError {
  const { status, detail, code } = problemOf(error, requestId);
  const metadata = { "waybill-code": code, "x-request-id": requestId };
  return new ConnectError(detail, CODES[status] ?? (status < 500 ? Code.InvalidArgument : Code.Internal), metadata);
}
