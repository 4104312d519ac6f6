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
  required: z.int(),
  requested_by: z.string(),
  requested_at: z.string(),
  decisions: z.array(z.object({ actor: z.string(), verdict: z.string(), comment: z.string() })),
});
type Approval = z.infer<typeof approvalAnswer>;
const approvalsAnswer = z.object({ items: z.array(approvalAnswer) });

/** Ids made in the same minute begin alike. */
const RUN_PREFIX = 13;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws WaybillError `SERVER_*`, or what the server says */
export async function approve(
  context: CommandContext,
  reference: string | undefined,
  job: string | undefined,
  options: ApproveOptions,
): Promise<ExitCode> {
  const client = await openClient(context, options);
  if (reference === undefined) return await list(context, client, options);
  const verdict = options.reject === true ? "reject" : "approve";
  const decided: Approval[] = [];
  for (const id of await pendingOf(client, reference, job)) {
    const body = options.comment === undefined ? {} : { comment: options.comment };
    decided.push(await client.send("POST", `/v1/approvals/${id}/${verdict}`, approvalAnswer, body));
  }
  if (options.json) await writeJson(context, { approvals: decided });
  for (const approval of options.json ? [] : decided) {
    const where = approval.environment === "" ? "" : ` for ${safeName(approval.environment)}`;
    const left = approval.status === "pending" ? `, ${countText(approval)}` : "";
    await write(context.stdout, `${whatWaits(approval)}${where}: ${safeName(approval.status)}${left}\n`);
  }
  return SUCCESS;
}

/** The approvals that a reference means: those of a run that wait, or the one of that id. */
async function pendingOf(client: ApiClient, reference: string, job: string | undefined): Promise<readonly string[]> {
  if (job === undefined && UUID.test(reference)) {
    try {
      return [(await client.get(`/v1/approvals/${reference.toLowerCase()}`, approvalAnswer)).id];
    } catch (error) {
      // Then it may be a run's.
      if (!(error instanceof WaybillError) || !/^(?:API_NOT_FOUND|APPROVAL_UNKNOWN)$/.test(error.code)) throw error;
    }
  }
  const run = await findRemoteRun(client, reference);
  const { items } = await client.get(`/v1/pipeline-runs/${run.id}/approvals`, approvalsAnswer);
  const pending = items.filter(({ status }) => status === "pending");
  const wanted = pending.filter(({ kind, subject }) => job === undefined || (kind === "job" && subject === job));
  if (wanted.length > 0) return wanted.map(({ id }) => id);
  const waits = pending.map(whatWaits);
  const hint = waits.length === 0 ? "Nothing of it waits." : `What waits: ${waits.join(", ")}.`;
  throw new WaybillError("SERVER_NO_APPROVAL", { run: run.number, what: job === undefined ? "" : ` for ${job}`, hint });
}

function whatWaits({ kind, subject }: Approval): string {
  if (kind === "fork_run") return "the run of a fork";
  return `${safeName(kind)} ${safeName(subject)}`;
}

function countText({ required, decisions }: Approval): string {
  return `${decisions.filter(({ verdict }) => verdict === "approve").length} of ${required}`;
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
    const rows = items.map((approval) => [
      safeName(approval.id),
      // What `waybill status` and the others take for the run.
      safeName(approval.run_id.slice(0, RUN_PREFIX)),
      whatWaits(approval),
      safeName(approval.environment),
      countText(approval),
      formatAge(now - Date.parse(approval.requested_at)),
    ]);
    const table = renderTable(
      [["ID", "RUN", "WHAT", "ENVIRONMENT", "APPROVALS", "WAITS FOR"], ...rows],
      (padded, row) => (row === 0 ? style.paint("dim", padded) : padded),
    );
    await write(context.stdout, table);
  }
  return SUCCESS;
}
