import { isSettled, type RunRecord } from "@waybill/engine";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { runAnswer, runRecord } from "../../server/answers.ts";
import { openClient } from "../../server/choose-server.ts";
import { findRemoteRun } from "../../server/find-remote.ts";
import { cancelText, type CancelOptions } from "./outcome.ts";

/** Between two looks at a run that is ending: its steps have 30 seconds. */
const LOOK_MS = 300;

/** @throws WaybillError `SERVER_*`, `RUN_OVER`, or what the server says */
export async function cancelRemote(
  context: CommandContext,
  reference: string,
  options: CancelOptions,
): Promise<ExitCode> {
  const client = await openClient(context, options);
  const run = await findRemoteRun(client, reference);
  let now: RunRecord = runRecord(await client.send("POST", `/v1/pipeline-runs/${run.id}/cancel`, runAnswer));
  while (options.wait && !isSettled(now.status)) {
    await new Promise<void>((resolve) => context.clock.setTimer(LOOK_MS, resolve));
    now = await findRemoteRun(client, run.id);
  }
  if (options.json) await writeJson(context, { run: run.id, number: run.number, status: now.status });
  else await write(context.stdout, cancelText(run, now.status));
  return SUCCESS;
}
