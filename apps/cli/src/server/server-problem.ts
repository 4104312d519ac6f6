import { isErrorCode, ReportedError, WaybillError } from "@waybill/core";
import * as z from "zod/mini";

const problemSchema = z.object({
  code: z.optional(z.string()),
  title: z.optional(z.string()),
  detail: z.optional(z.string()),
  remedy: z.optional(z.string()),
  request_id: z.optional(z.string()),
});

/**
 * What a server answered instead of doing what it was asked, as one of our errors. A code that this program knows stays
 * the error it is, with its exit code; of another one, of a newer server say, the words are passed on.
 */
export function serverProblem(status: number, answer: unknown): WaybillError {
  const parsed = z.safeParse(problemSchema, answer);
  const { code = "", title, detail, remedy, request_id: request } = parsed.success ? parsed.data : {};
  if (isErrorCode(code) && code !== "INTERNAL" && detail !== undefined) {
    return new ReportedError(code, { message: detail, remedy: remedy ?? "" });
  }
  const known = status >= 500 ? "SERVER_FAILED" : "SERVER_REFUSED";
  const told = detail ?? title ?? "it does not say why";
  return new WaybillError(known, {
    status,
    detail: /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? `${told} (${code})` : told,
    remedy: [remedy ?? "Is it a Waybill server?", request === undefined ? "" : `Its log has request ${request}.`]
      .filter((part) => part !== "")
      .join(" "),
  });
}
