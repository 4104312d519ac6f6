import { WaybillError } from "@waybill/core";
import * as z from "zod/mini";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import type { ApiClient } from "../../server/api-client.ts";
import { openClient, type ServerChoice } from "../../server/choose-server.ts";
import { findRemoteRun } from "../../server/find-remote.ts";
import { formatAge } from "../../text/duration.ts";
import { safeName } from "../../text/safe-line.ts";
import { styleFor } from "../../text/style.ts";
import { renderTable } from "../../text/table.ts";

export interface ApproveOptions extends ServerChoice {
  readonly reject?: boolean;
  readonly comment?: string;
  readonly json?: boolean;
}

const approvalAnswer = z.object({
  id: z.uuid(),
  run_id: z.string(),
  kind: z.string(),
  subject: z.string(),
  environment: z.string(),
  status: z.string(),
  requested_by: z.string(),
  requested_at: z.string(),
});
type Approval = z.infer<typeof approvalAnswer>;
const approvalsAnswer = z.object({ items: z.array(approvalAnswer) });

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws WaybillError `SERVER_*`, or what the server says */
export async function approve(
  context: CommandContext,
  reference: string | undefined,
  options: ApproveOptions,
): Promise<ExitCode> {
  const client = await openClient(context, options);
  if (reference === undefined) return await list(context, client, options);
  const verdict = options.reject === true ? "reject" : "approve";
  const decided: Approval[] = [];
  for (const id of await pendingOf(client, reference)) {
    const body = options.comment === undefined ? {} : { comment: options.comment };
    decided.push(await client.send("POST", `/v1/approvals/${id}/${verdict}`, approvalAnswer, body));
  }
  if (options.json) await writeJson(context, { approvals: decided });
  for (const { subject, environment, status } of options.json ? [] : decided) {
    const where = environment === "" ? "" : ` for ${safeName(environment)}`;
    await write(context.stdout, `${safeName(subject)}${where}: ${safeName(status)}\n`);
  }
  return SUCCESS;
}

/** The approvals that a reference means: those of a run that wait, or the one of that id. */
async function pendingOf(client: ApiClient, reference: string): Promise<readonly string[]> {
  if (UUID.test(reference)) {
    try {
      return [(await client.get(`/v1/approvals/${reference.toLowerCase()}`, approvalAnswer)).id];
    } catch (error) {
      // Then it may be a run's.
      if (!(error instanceof WaybillError) || !/^(?:API_NOT_FOUND|APPROVAL_UNKNOWN)$/.test(error.code)) throw error;
    }
  }
  const run = await findRemoteRun(client, reference);
  const { items } = await client.get(`/v1/pipeline-runs/${run.id}/approvals`, approvalsAnswer);
  const pending = items.filter(({ status }) => status === "pending").map(({ id }) => id);
  if (pending.length === 0) throw new WaybillError("APPROVAL_UNKNOWN", { approval: `of run ${run.number}` });
  return pending;
}

async function list(context: CommandContext, client: ApiClient, options: ApproveOptions): Promise<ExitCode> {
  const { items } = await client.get("/v1/approvals", approvalsAnswer);
  if (options.json) {
    await writeJson(context, { approvals: items });
  } else if (items.length === 0) {
    await write(context.stderr, "Nothing waits to be approved.\n");
  } else {
    const style = styleFor(context.stdout, context.env);
    const now = context.clock.now();
    const rows = items.map(({ id, subject, environment, requested_by: by, requested_at: at }) => [
      ...[id, subject, environment, by].map(safeName),
      formatAge(now - Date.parse(at)),
    ]);
    const table = renderTable([["ID", "WHAT", "ENVIRONMENT", "BY", "WHEN"], ...rows], (padded, row) =>
      row === 0 ? style.paint("dim", padded) : padded,
    );
    await write(context.stdout, table);
  }
  return SUCCESS;
}
