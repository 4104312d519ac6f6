import { errorRegistry, WaybillError, type ErrorCode } from "@waybill/core";

/** An error response of RFC 9457, with the code of the error. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly remedy: string;
  readonly request_id: string;
}

export const PROBLEM_MEDIA_TYPE = "application/problem+json";

/**
 * The one place where a thrown error becomes a response. What is no `WaybillError` is a defect of ours, of which nothing
 * is told: its text could hold anything.
 */
export function problemOf(error: unknown, requestId: string): Problem {
  const known = error instanceof WaybillError && error.code !== "INTERNAL" ? error : null;
  const code: ErrorCode = known?.code ?? "INTERNAL";
  const { title, httpStatus } = errorRegistry[code];
  return {
    type: `urn:waybill:error:${code}`,
    title,
    status: httpStatus,
    detail: known?.message ?? "Something went wrong inside Waybill.",
    code,
    remedy: known?.remedy ?? "The server's log has the details, under the id of this request.",
    request_id: requestId,
  };
}
