import { WaybillError } from "@waybill/core";
import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import { reportExecution } from "../runs/report-execution.ts";
import { idParams, named } from "./schemas.ts";

const status = z.enum(["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELED"]);

const accepted = named(
  "ExecutionReport",
  z.object({
    id: z.uuid(),
    status,
    /** False: the same was reported before, and nothing has changed. */
    changed: z.boolean(),
  }),
);

/** PostgreSQL keeps no text with a zero byte. */
function text(maxLength: number): z.ZodMiniString {
  return z.string().check(z.maxLength(maxLength), z.regex(/^[^\0]*$/, "a text without zero bytes"));
}

export const executionRoutes: readonly Route[] = [
  defineRoute({
    id: "reportExecution",
    method: "POST",
    path: "/v1/executions/{id}/status",
    summary:
      "What an executor reports of an execution, with the token it was given for it as Authorization: Bearer; the same report again changes nothing",
    tag: "executions",
    access: null,
    params: idParams,
    maxBodyBytes: 65_536,
    body: z.strictObject({
      status,
      exit_code: z.optional(z.nullable(z.int().check(z.minimum(-(2 ** 31)), z.maximum(2 ** 31 - 1)))),
      logs_ref: z.optional(z.nullable(text(1_000))),
      message: z.optional(z.nullable(text(4_000))),
    }),
    responses: { 200: { description: "It is stored", schema: accepted } },
    async handle({ params: { id }, body, headers }, services) {
      services.executionTokens.verify(id, headers["authorization"]);
      const { status: reported, exit_code = null, logs_ref = null, message = null } = body;
      if (reported === "SUCCEEDED" && exit_code !== null && exit_code !== 0) {
        throw new WaybillError("API_INVALID", { problem: "body.exit_code: one that has succeeded has none but 0" });
      }
      const report = { status: reported, exitCode: exit_code, logsRef: logs_ref, message };
      return { status: 200, body: { id, status: reported, changed: await reportExecution(services, id, report) } };
    },
  }),
];
